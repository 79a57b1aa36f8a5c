//! Versions as rows: numbered per kind from 1 without gaps, each with its author; contents kept once by their hash.

use interfaces::configs::{Author, Origin, Version};
use rusqlite::Row;
use sha2::{Digest, Sha256};

use crate::store::{Snapshot, StoreError, Transaction, hex};

/// SHA-256 of a content.
pub(crate) type Hash = [u8; 32];

pub(crate) fn hash(content: &[u8]) -> Hash {
    Sha256::digest(content).into()
}

const COLUMNS: &str = "kind, version, base, bytes, sha256, author_origin, author_id, author_name, saved_ms";

/// A version and the hash of its content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Saved {
    pub(crate) version: Version,
    pub(crate) hash: Hash,
}

/// What a new version is made of.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) kind: String,
    pub(crate) base: i64,
    pub(crate) content: std::sync::Arc<[u8]>,
    pub(crate) hash: Hash,
    pub(crate) author: Author,
    /// `None`: a file found at start.
    pub(crate) request_id: Option<String>,
}

/// The newest version of a kind.
pub(crate) fn current(view: &Snapshot<'_>, kind: &str) -> Result<Option<Saved>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM versions WHERE kind = ?1 ORDER BY version DESC LIMIT 1");
    view.first(&sql, [kind], read)
}

/// One version of a kind.
pub(crate) fn one(view: &Snapshot<'_>, kind: &str, version: i64) -> Result<Option<Saved>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM versions WHERE kind = ?1 AND version = ?2");
    view.first(&sql, (kind, version), read)
}

/// The newest version of a kind that has this content.
pub(crate) fn with_content(view: &Snapshot<'_>, kind: &str, hash: &Hash) -> Result<Option<Saved>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM versions WHERE sha256 = ?2 AND kind = ?1 ORDER BY version DESC LIMIT 1");
    view.first(&sql, (kind, hash), read)
}

/// At most `limit` versions below `before`, newest first.
pub(crate) fn history(view: &Snapshot<'_>, kind: &str, before: i64, limit: i64) -> Result<Vec<Version>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM versions WHERE kind = ?1 AND version < ?2 ORDER BY version DESC LIMIT ?3");
    let rows = view.all(&sql, (kind, before, limit), read)?;
    Ok(rows.into_iter().map(|saved| saved.version).collect())
}

/// The content that a hash stands for.
pub(crate) fn content(view: &Snapshot<'_>, hash: &Hash) -> Result<Vec<u8>, StoreError> {
    let sql = "SELECT content FROM contents WHERE sha256 = ?1";
    view.first(sql, [hash], |row| row.get(0))?.ok_or(StoreError::Unreadable("a version without content"))
}

/// Adds the version after `current`.
pub(crate) fn add(
    transaction: &Transaction<'_>,
    draft: &Draft,
    current: Option<&Saved>,
    now_ms: i64,
) -> Result<Saved, StoreError> {
    let version = Version {
        kind: draft.kind.clone(),
        version: current.map_or(0, |saved| saved.version.version) + 1,
        base: draft.base,
        bytes: i64::try_from(draft.content.len()).unwrap_or(i64::MAX),
        sha256: hex(&draft.hash),
        author: draft.author.clone(),
        saved_ms: now_ms,
        restores: None,
        approved_by: None,
    };
    transaction.execute(
        "INSERT INTO contents (sha256, content) VALUES (?1, ?2) ON CONFLICT (sha256) DO NOTHING",
        (draft.hash, &draft.content[..]),
    )?;
    let sql =
        "INSERT INTO versions (kind, version, base, bytes, sha256, author_origin, author_id, author_name, saved_ms,
        request_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    transaction.execute(
        sql,
        (
            &version.kind,
            version.version,
            version.base,
            version.bytes,
            draft.hash,
            origin_name(version.author.origin),
            version.author.id,
            &version.author.name,
            version.saved_ms,
            &draft.request_id,
        ),
    )?;
    Ok(Saved { version, hash: draft.hash })
}

/// Corrects what the reply kept for a version's request says of its file, after publishing failed or was made up for.
pub(crate) fn note_published(
    transaction: &Transaction<'_>,
    kind: &str,
    version: i64,
    published: bool,
) -> Result<(), StoreError> {
    let sql = "UPDATE requests SET reply = json_set(reply, '$.published', json(?3))
        WHERE request_id = (SELECT request_id FROM versions WHERE kind = ?1 AND version = ?2)";
    transaction.execute(sql, (kind, version, if published { "true" } else { "false" })).map(drop)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Saved> {
    let hash: Hash = row.get(4)?;
    let origin: String = row.get(5)?;
    let version = Version {
        kind: row.get(0)?,
        version: row.get(1)?,
        base: row.get(2)?,
        bytes: row.get(3)?,
        sha256: hex(&hash),
        author: Author { origin: origin_of(&origin), id: row.get(6)?, name: row.get(7)? },
        saved_ms: row.get(8)?,
        restores: None,
        approved_by: None,
    };
    Ok(Saved { version, hash })
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Telegram => "telegram",
        Origin::Operator => "operator",
        Origin::File => "file",
    }
}

/// The table's own check allows no other name.
fn origin_of(name: &str) -> Origin {
    match name {
        "telegram" => Origin::Telegram,
        "operator" => Origin::Operator,
        _ => Origin::File,
    }
}
