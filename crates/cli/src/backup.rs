//! `natrium backup`: everything that counts in one file, while the service runs or while it does not; and whether such a file is
//! whole.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufReader, IsTerminal, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use interfaces::offline::{Answer, Job, Request};
use interfaces::store::{Contents, Member};
use settings::{Environment, Settings, SettingsError};
use sha2::{Digest, Sha256};

use crate::archive::{self, ArchiveError, Manifest, Reader, hex, manifest};
use crate::arguments::Service;
use crate::draft::Draft;
use crate::exit::Exit;
use crate::interrupted::Interrupted;
use crate::offline::{Offline, OfflineError};
use crate::programs::Owner;
use crate::service::{ServiceError, runtime_directory};
use crate::source::{self, Source, SourceError};
use crate::text::{bytes, complain, print};
use crate::view::View;

/// Why there is no backup, or none that can be relied upon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupError {
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("{0}")]
    Settings(SettingsError),
    #[error("{} is there already; --force replaces it", .0.display())]
    Exists(PathBuf),
    #[error("a backup is no text for a terminal; give a file, or lead it elsewhere")]
    Terminal,
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("{step} {}: {source}", path.display())]
    Disk { step: &'static str, path: PathBuf, source: io::Error },
    #[error("{}: {error}", path.display())]
    Archive { path: PathBuf, error: ArchiveError },
    #[error("{}: {reason}", path.display())]
    Unsound { path: PathBuf, reason: String },
    #[error("looking through the store in {}: {error}", path.display())]
    Examine { path: PathBuf, error: OfflineError },
}

impl BackupError {
    fn at(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { step, path, source }
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Service(error) => error.exit(),
            Self::Settings(_) => Exit::Configuration,
            Self::Source(error) if !error.lasts() => Exit::TryAgain,
            Self::Terminal => Exit::Usage,
            Self::Disk { source, .. } if source.kind() == io::ErrorKind::StorageFull => Exit::TryAgain,
            _ => Exit::Degraded,
        }
    }
}

pub(crate) fn run(file: &Path, check: bool, force: bool, service: &Service, environment: &Environment) -> Exit {
    let done = if check {
        verify(file, environment).map(|manifest| print(&format!("{}: ok\n{}", file.display(), summary(&manifest))))
    } else if file == Path::new("-") {
        to_stdout(service, environment)
    } else {
        to_file(file, force, service, environment)
            .map(|manifest| print(&format!("{}: backed up and read back\n{}", file.display(), summary(&manifest))))
    };
    match done {
        Ok(()) => Exit::Success,
        Err(error) => {
            complain(&error.to_string());
            error.exit()
        }
    }
}

/// What a backup is of, a line each.
pub(crate) fn summary(manifest: &Manifest) -> String {
    let size: i64 = manifest.members.iter().map(|member| member.bytes).sum();
    let mut text = format!(
        "  {:<10} {}\n  {:<10} {}\n  {:<10} {}, schema {}, by natrium {}\n",
        "instance",
        manifest.instance,
        "taken",
        View::now().moment(manifest.taken_ms),
        "store",
        bytes(u64::try_from(size).unwrap_or(0)),
        manifest.schema,
        manifest.natrium,
    );
    for member in manifest.published() {
        let (kind, version) = (member.kind.as_deref().unwrap_or_default(), member.version.unwrap_or(0));
        text.push_str(&format!("  {:<10} version {version} of {kind}\n", "published"));
    }
    text
}

fn to_stdout(service: &Service, environment: &Environment) -> Result<(), BackupError> {
    if io::stdout().is_terminal() {
        return Err(BackupError::Terminal);
    }
    let (manifest, mut content) = begin(service, environment)?;
    let written = archive::write(&mut io::stdout().lock(), &manifest, &mut content);
    written.map_err(|error| content.broke(error, Path::new("standard output")))
}

fn to_file(file: &Path, force: bool, service: &Service, environment: &Environment) -> Result<Manifest, BackupError> {
    if !force && file.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let failed = |step| BackupError::at(step, file);
    let interrupted = Interrupted::listen().map_err(failed("listening for signals before writing"))?;
    // Before the copy is made: a place that cannot be written to is told at once.
    let mut draft = Draft::begin(file, 0o600, Some(interrupted)).map_err(failed("writing"))?;
    let (manifest, mut content) = begin(service, environment)?;
    archive::write(&mut draft, &manifest, &mut content).map_err(|error| content.broke(error, file))?;
    drop(content);
    draft.sync().map_err(failed("writing"))?;
    let path = draft.path().unwrap_or(file).to_owned();
    let again = verify(&path, environment)?;
    if again != manifest {
        return Err(BackupError::Unsound { path, reason: "it does not read as it was written".to_owned() });
    }
    draft.rename(file, force).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(file.to_owned()),
        _ => BackupError::at("naming", file)(error),
    })?;
    Ok(manifest)
}

/// The members' bytes: those that the writer gives, then the settings.
struct Content {
    source: Source,
    left: u64,
    settings: io::Cursor<Vec<u8>>,
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return self.settings.read(buffer);
        }
        let read = (&mut self.source).take(self.left).read(buffer)?;
        self.left = self.left.saturating_sub(u64::try_from(read).unwrap_or_default());
        Ok(read)
    }
}

impl Content {
    /// Why writing it ended: because of where it comes from, or of where it goes.
    fn broke(&mut self, error: io::Error, to: &Path) -> BackupError {
        match self.source.error.take() {
            Some(error) => error.into(),
            None => BackupError::at("writing", to)(error),
        }
    }
}

/// Has the copy made: by the service if it runs, else by a writer of our own.
fn begin(service: &Service, environment: &Environment) -> Result<(Manifest, Content), BackupError> {
    let runtime = runtime_directory(service, environment)?;
    let settings = Settings::load(&environment.settings_path(service.settings.clone()), environment);
    let client =
        source::store(&runtime).map_err(|error| ServiceError::Connect { path: runtime.join("writer.sock"), error })?;
    let ((contents, source), settings) = match (client, settings) {
        (Some(client), settings) => (Source::running(&client)?, settings.ok()),
        (None, Ok(settings)) => (Source::offline(&settings, environment)?, Some(settings)),
        (None, Err(error)) => return Err(BackupError::Settings(error)),
    };
    let left = contents.members.iter().map(|member| u64::try_from(member.bytes).unwrap_or(0)).sum();
    let (manifest, settings) = manifest_of(contents, settings.as_ref());
    Ok((manifest, Content { source, left, settings: io::Cursor::new(settings) }))
}

/// The manifest, and the settings as they are put into the backup: what they come to, in which no secret stands.
fn manifest_of(contents: Contents, settings: Option<&Settings>) -> (Manifest, Vec<u8>) {
    let Contents { schema, taken_ms, mut members } = contents;
    let text = settings.and_then(|settings| serde_json::to_vec_pretty(settings).ok()).unwrap_or_default();
    if !text.is_empty() {
        members.push(Member {
            name: manifest::SETTINGS.to_owned(),
            bytes: i64::try_from(text.len()).unwrap_or(i64::MAX),
            sha256: hex(&Sha256::digest(&text)),
            kind: None,
            version: None,
        });
    }
    let instance = settings.map_or("natrium", |settings| &settings.instance).to_owned();
    let natrium = env!("CARGO_PKG_VERSION").to_owned();
    (Manifest { format: manifest::FORMAT, instance, natrium, schema, taken_ms, members }, text)
}

/// Reads all of a backup: every byte against its hash, the store by a writer of our own, the published files against the store.
pub(crate) fn verify(path: &Path, environment: &Environment) -> Result<Manifest, BackupError> {
    let file = File::open(path).map_err(BackupError::at("opening", path))?;
    let broken = |error| BackupError::Archive { path: path.to_owned(), error };
    let unsound = |reason| BackupError::Unsound { path: path.to_owned(), reason };
    let mut reader = Reader::open(BufReader::new(file)).map_err(broken)?;
    let manifest = reader.manifest.clone();
    let room = Room::make().map_err(BackupError::at("making a directory for a look at", path))?;
    let store = manifest.store().map_or(0, |store| u64::try_from(store.bytes).unwrap_or(0));
    let request = Request {
        state: room.0.clone(),
        published: room.0.clone(),
        kinds: manifest.kinds(),
        job: Job::Examine { directory: room.0.clone(), bytes: store },
    };
    let examine = |error| BackupError::Examine { path: path.to_owned(), error };
    let mut writer = Offline::ask(&request, Owner::own(), environment).map_err(examine)?;
    let mut left = store;
    let read = reader.rest(&mut |_, part| {
        // The store comes first. A writer that ended early has said why; the rest is read for its hashes all the same.
        if left > 0 {
            left = left.saturating_sub(part.len() as u64);
            let _ = writer.write_all(part);
        }
        Ok(())
    });
    writer.all_sent();
    read.map_err(broken)?;
    let Answer::Examined { problems, schema, current } = writer.answer().map_err(examine)? else {
        return Err(examine(OfflineError::OtherAnswer));
    };
    if let Some(problem) = problems.into_iter().next() {
        return Err(unsound(problem));
    }
    if schema != manifest.schema {
        return Err(unsound(format!("its store has schema {schema} and not {}", manifest.schema)));
    }
    if current.iter().ne(manifest.published()) {
        return Err(unsound("its published files are not those of its store".to_owned()));
    }
    Ok(manifest)
}

/// A directory of our own for a moment.
struct Room(PathBuf);

impl Room {
    fn make() -> io::Result<Self> {
        let name = format!("natrium-{}-{}", std::process::id(), uuid::Uuid::now_v7().simple());
        let path = std::env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
