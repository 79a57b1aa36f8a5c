//! Versions as rows: numbered per kind from 1 without gaps, each with its author; contents kept once by their hash.

use interfaces::configs::{Author, Origin, Version};
use rusqlite::Row;
use rusqlite::types::Type;
use sha2::{Digest, Sha256};

use crate::store::{Snapshot, StoreError, Transaction, hex};

/// SHA-256 of a content.
pub(crate) type Hash = [u8; 32];

pub(crate) fn hash(content: &[u8]) -> Hash {
    Sha256::digest(content).into()
}

const COLUMNS: &str = "kind, version, base, bytes, sha256, author_origin, author_id, author_name, saved_ms,
    restores, approved_by";

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
    /// The older version whose content it has again.
    pub(crate) restores: Option<i64>,
    /// The second admin, where one was needed.
    pub(crate) approved_by: Option<Author>,
    /// When it was ready to be saved, in Unix ms.
    pub(crate) saved_ms: i64,
    /// `None`: a file found at start.
    pub(crate) request_id: Option<String>,
}

impl Draft {
    /// The version that it becomes, if it becomes one: that after its base.
    pub(crate) fn version(&self) -> Version {
        Version {
            kind: self.kind.clone(),
            // Who asks says the base: any number.
            version: self.base.saturating_add(1),
            base: self.base,
            bytes: bytes(&self.content),
            sha256: hex(&self.hash),
            author: self.author.clone(),
            saved_ms: self.saved_ms,
            restores: self.restores,
            approved_by: self.approved_by.clone(),
        }
    }
}

/// A length, as rows and replies have it.
pub(crate) fn bytes(content: &[u8]) -> i64 {
    i64::try_from(content.len()).unwrap_or(i64::MAX)
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

/// Adds the version after the draft's base, which is the newest.
pub(crate) fn add(transaction: &Transaction<'_>, draft: &Draft) -> Result<Saved, StoreError> {
    let version = draft.version();
    keep_content(transaction, &draft.hash, &draft.content)?;
    let sql =
        "INSERT INTO versions (kind, version, base, bytes, sha256, author_origin, author_id, author_name, saved_ms,
        request_id, restores, approved_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
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
            version.restores,
            version.approved_by.as_ref().map(author_text).transpose()?,
        ),
    )?;
    Ok(Saved { version, hash: draft.hash })
}

/// Keeps a content, once.
pub(crate) fn keep_content(transaction: &Transaction<'_>, hash: &Hash, content: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO contents (sha256, content) VALUES (?1, ?2) ON CONFLICT (sha256) DO NOTHING";
    transaction.execute(sql, (hash, content)).map(drop)
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

/// The same for one request.
pub(crate) fn not_published(transaction: &Transaction<'_>, request_id: &str) -> Result<(), StoreError> {
    let sql = "UPDATE requests SET reply = json_set(reply, '$.published', json('false')) WHERE request_id = ?1";
    transaction.execute(sql, [request_id]).map(drop)
}

/// The kinds that have versions, by name.
pub(crate) fn kinds(view: &Snapshot<'_>) -> Result<Vec<String>, StoreError> {
    // From one to the next: a history may be long.
    let sql = "WITH RECURSIVE one (kind) AS (SELECT min(kind) FROM versions UNION ALL
        SELECT (SELECT min(kind) FROM versions WHERE kind > one.kind) FROM one WHERE one.kind IS NOT NULL)
        SELECT kind FROM one WHERE kind IS NOT NULL";
    view.all(sql, [], |row| row.get(0))
}

/// An author as JSON.
pub(crate) fn author_text(author: &Author) -> Result<String, StoreError> {
    serde_json::to_string(author).map_err(|_| StoreError::Unreadable("an author"))
}

/// The author that a column has as JSON.
pub(crate) fn author_in(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Author>> {
    let text: Option<String> = row.get(column)?;
    let read = |text: String| {
        let failed = |error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error));
        serde_json::from_str(&text).map_err(failed)
    };
    text.map(read).transpose()
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
        restores: row.get(9)?,
        approved_by: author_in(row, 10)?,
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
