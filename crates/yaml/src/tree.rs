//! From parser events to the tree of a document, refusing what is not worth guessing about.
//!
//! Events come one at a time and nothing here recurses, so neither depth nor an alias bomb costs more than its bytes:
//! how much each node stands for is added up, aliases included, without ever being written out.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};

use crate::document::empty;
use crate::node::{Content, Mapping, NodeId, Stored, StoredEntry};
use crate::plain::{self, Plain};
use crate::tabs;
use crate::{Error, Fault, Limits, Path, Place, Reading, Segment, SyntaxFault};

/// More than anybody reads.
const MOST_PROBLEMS: usize = 100;

/// A list or mapping that is not complete.
struct Frame {
    id: NodeId,
    sequence: bool,
    items: Vec<NodeId>,
    entries: Vec<StoredEntry>,
    key: Option<(Box<str>, Place)>,
    weight: Weight,
}

/// What a node stands for, aliases written out.
#[derive(Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    depth: usize,
}

pub(crate) struct Builder<'l> {
    limits: &'l Limits,
    nodes: Vec<Stored>,
    /// Keys and values so far, without aliases.
    count: usize,
    frames: Vec<Frame>,
    root: Option<NodeId>,
    /// By the parser's number of the anchor.
    anchors: HashMap<usize, NodeId>,
    weights: HashMap<u32, Weight>,
    aliased: usize,
    documents: usize,
    problems: Vec<Error>,
    /// Where quoted and block scalars stand, in characters.
    verbatim: Vec<Range<usize>>,
}

impl<'l> Builder<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            nodes: Vec::new(),
            count: 0,
            frames: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            weights: HashMap::new(),
            aliased: 0,
            documents: 0,
            problems: Vec::new(),
            verbatim: Vec::new(),
        }
    }

    /// The nodes and the root.
    pub(crate) fn build(mut self, text: &str) -> Result<(Vec<Stored>, NodeId), Vec<Error>> {
        let outcome = self.read(text);
        if text.contains('\t') {
            tabs::misplaced(text, &self.verbatim).into_iter().for_each(|error| self.report(error));
        }
        self.problems.sort_by_key(|problem| problem.place);
        match (outcome, self.root) {
            (Ok(()), Some(root)) if self.problems.is_empty() => Ok((self.nodes, root)),
            (Ok(()), Some(_)) => Err(self.problems),
            (Ok(()), None) => Err(vec![empty()]),
            (Err(fatal), _) => {
                self.problems.push(fatal);
                Err(self.problems)
            }
        }
    }

    fn read(&mut self, text: &str) -> Result<(), Error> {
        let mut parser = Parser::new(StrInput::new(text));
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| self.not_yaml(&error))?;
            self.take(event, span, text)?;
        }
        Ok(())
    }

    fn not_yaml(&self, error: &ScanError) -> Error {
        // The scanner reads ahead of the events and has a depth limit of its own, 255 levels of brackets.
        let fault = match error.info() {
            "recursion limit exceeded" => Fault::TooDeep { limit: self.limits.depth },
            info => Fault::Syntax(SyntaxFault::named(info)),
        };
        Error::at(place(*error.marker()), fault)
    }

    fn take(&mut self, event: Event<'_>, span: Span, text: &str) -> Result<(), Error> {
        let at = place(span.start);
        match event {
            Event::DocumentStart(explicit) => self.begin_document(explicit, at, text),
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), at);
                if style != ScalarStyle::Plain {
                    self.verbatim.push(span.start.index()..span.end.index());
                }
                self.scalar(&text, style, anchor, at)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), at);
                self.open(true, anchor, at)
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), at);
                self.open(false, anchor, at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin_document(&mut self, explicit: bool, at: Place, text: &str) -> Result<(), Error> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(Error::at(at, Fault::SeveralDocuments));
        }
        // Directives make no event of their own; they can only stand on lines before the `---`.
        if explicit && let Some(line) = text.lines().take(at.line as usize).position(|line| line.starts_with('%')) {
            self.report(Error::at(
                Place { line: u32::try_from(line + 1).unwrap_or(u32::MAX), column: 1 },
                Fault::Directive,
            ));
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, at: Place) -> Result<(), Error> {
        let plain = style == ScalarStyle::Plain;
        if self.frames.last().is_some_and(|frame| !frame.sequence && frame.key.is_none()) {
            return self.key(text, plain, anchor, at);
        }
        if self.frames.is_empty() && plain && text.is_empty() {
            return Err(empty());
        }
        if plain && let Err(reading) = plain::resolve(text) {
            self.report_here(at, Fault::Misread { text: text.to_owned(), reading });
        }
        let id = self.store(self.nearest(text, plain, at), Content::Scalar { text: text.into(), plain })?;
        self.anchor(anchor, id);
        self.weigh(id, Weight { nodes: 1, depth: 0 });
        self.attach(id, Weight { nodes: 1, depth: 0 });
        Ok(())
    }

    /// A missing value has no characters of its own; its key is where people look.
    fn nearest(&self, text: &str, plain: bool, at: Place) -> Place {
        match self.frames.last().and_then(|frame| frame.key.as_ref()) {
            Some((_, key)) if plain && text.is_empty() => *key,
            _ => at,
        }
    }

    fn key(&mut self, text: &str, plain: bool, anchor: usize, at: Place) -> Result<(), Error> {
        self.count += 1;
        if anchor != 0 {
            let id = self.store(at, Content::Scalar { text: text.into(), plain })?;
            self.anchor(anchor, id);
            self.weigh(id, Weight { nodes: 1, depth: 0 });
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.key = Some((text.into(), at));
        }
        if plain {
            match plain::resolve(text) {
                Ok(Plain::Text) => {}
                Ok(_) => self.report_here(at, Fault::KeyNotText { key: text.to_owned() }),
                Err(Reading::Special) if text == "<<" => self.report_here(at, Fault::MergeKey),
                Err(reading) => self.report_here(at, Fault::Misread { text: text.to_owned(), reading }),
            }
        }
        Ok(())
    }

    fn open(&mut self, sequence: bool, anchor: usize, at: Place) -> Result<(), Error> {
        if self.frames.last().is_some_and(|frame| !frame.sequence && frame.key.is_none()) {
            return Err(self.here(at, Fault::KeyNotScalar));
        }
        if self.frames.len() >= self.limits.depth {
            return Err(self.here(at, Fault::TooDeep { limit: self.limits.depth }));
        }
        let id = self.store(at, Content::Open)?;
        self.anchor(anchor, id);
        let weight = Weight { nodes: 1, depth: 1 };
        self.frames.push(Frame { id, sequence, items: Vec::new(), entries: Vec::new(), key: None, weight });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let content = if frame.sequence {
            Content::Sequence(frame.items.into())
        } else {
            Content::Mapping(Box::new(self.complete(frame.entries)))
        };
        if let Some(stored) = self.nodes.get_mut(frame.id.0 as usize) {
            stored.content = content;
        }
        self.weigh(frame.id, frame.weight);
        self.attach(frame.id, frame.weight);
        Ok(())
    }

    fn alias(&mut self, anchor: usize, at: Place) -> Result<(), Error> {
        if self.frames.last().is_some_and(|frame| !frame.sequence && frame.key.is_none()) {
            return Err(self.here(at, Fault::KeyNotScalar));
        }
        let Some(id) = self.anchors.get(&anchor).copied() else {
            return Err(self.here(at, Fault::Syntax(SyntaxFault::UnknownAlias)));
        };
        let Some(weight) = self.weights.get(&id.0).copied() else {
            return Err(self.here(at, Fault::EndlessAlias));
        };
        self.aliased = self.aliased.saturating_add(weight.nodes);
        if self.aliased > self.limits.aliased {
            return Err(self.here(at, Fault::AliasBomb { limit: self.limits.aliased }));
        }
        if self.frames.len() + weight.depth > self.limits.depth {
            return Err(self.here(at, Fault::TooDeep { limit: self.limits.depth }));
        }
        self.attach(id, weight);
        Ok(())
    }

    /// Sorts the keys for look-up, and so finds those that are there twice.
    fn complete(&mut self, entries: Vec<StoredEntry>) -> Mapping {
        let key_of = |index: &u32| entries.get(*index as usize).map(|entry| &*entry.key);
        let mut sorted: Vec<u32> = (0..u32::try_from(entries.len()).unwrap_or(u32::MAX)).collect();
        sorted.sort_by(|a, b| key_of(a).cmp(&key_of(b)));
        let mut first: Option<(&str, Place)> = None;
        for index in &sorted {
            let Some(entry) = entries.get(*index as usize) else { continue };
            match first {
                Some((key, place)) if key == &*entry.key => {
                    let path = self.position().key(key);
                    self.report(Error {
                        place: Some(entry.place),
                        path,
                        fault: Fault::DuplicateKey { key: key.to_owned(), first: place },
                    });
                }
                _ => first = Some((&*entry.key, entry.place)),
            }
        }
        Mapping { entries: entries.into(), sorted: sorted.into() }
    }

    fn store(&mut self, at: Place, content: Content) -> Result<NodeId, Error> {
        self.count += 1;
        if self.count > self.limits.nodes {
            return Err(Error::at(at, Fault::TooManyNodes { limit: self.limits.nodes }));
        }
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Stored { place: at, content });
        Ok(id)
    }

    fn anchor(&mut self, anchor: usize, id: NodeId) {
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
    }

    /// Remembers what a complete node stands for, if an alias may ask. Anchors are few; most nodes have none.
    fn weigh(&mut self, id: NodeId, weight: Weight) {
        if !self.anchors.is_empty() {
            self.weights.insert(id.0, weight);
        }
    }

    fn attach(&mut self, id: NodeId, weight: Weight) {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(id);
            return;
        };
        frame.weight.nodes = frame.weight.nodes.saturating_add(weight.nodes);
        frame.weight.depth = frame.weight.depth.max(weight.depth + 1);
        if frame.sequence {
            frame.items.push(id);
        } else if let Some((key, place)) = frame.key.take() {
            frame.entries.push(StoredEntry { key, place, value: id });
        }
    }

    fn refuse_tag(&mut self, tag: Option<&saphyr_parser::Tag>, at: Place) {
        if let Some(tag) = tag {
            let tag = if tag.is_yaml_core_schema() {
                format!("!!{}", tag.suffix)
            } else {
                format!("{}{}", tag.handle, tag.suffix)
            };
            self.report_here(at, Fault::Tag { tag });
        }
    }

    /// The way to what is being read.
    fn position(&self) -> Path {
        let segment = |frame: &Frame| match &frame.key {
            _ if frame.sequence => Some(Segment::Index(frame.items.len())),
            Some((key, _)) => Some(Segment::Key(key.to_string())),
            None => None,
        };
        self.frames.iter().filter_map(segment).collect()
    }

    fn here(&self, at: Place, fault: Fault) -> Error {
        Error { place: Some(at), path: self.position(), fault }
    }

    fn report_here(&mut self, at: Place, fault: Fault) {
        self.report(self.here(at, fault));
    }

    fn report(&mut self, error: Error) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(error);
        }
    }
}

fn place(marker: Marker) -> Place {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Place { line: number(marker.line()), column: number(marker.col()).saturating_add(1) }
}
