//! The one world behind a lock, and those who wait for it: polls, watchers, the stream of events.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{Notify, broadcast, mpsc, oneshot, watch};

use crate::control::{Event, Millis, NewUser};
use crate::samples::Samples;
use crate::world::World;
use crate::world::polling::{PollId, PollOutcome};
use crate::world::webhook::Delivery;

/// Events that a slow listener may be behind before it has to start anew.
const EVENTS: usize = 4096;

struct Inner {
    world: World,
    polls: HashMap<PollId, oneshot::Sender<PollOutcome>>,
}

/// Shared by all connections; cheap to clone.
#[derive(Clone)]
pub(crate) struct Shared(Arc<State>);

struct State {
    inner: Mutex<Inner>,
    /// How far the simulator's clock is ahead, in milliseconds.
    ahead: AtomicU64,
    events: broadcast::Sender<Event>,
    changed: watch::Sender<u64>,
    wake: Notify,
    closing: watch::Sender<bool>,
    /// To whoever sends updates to webhooks.
    deliveries: mpsc::UnboundedSender<Delivery>,
    samples: Samples,
    people: Vec<NewUser>,
}

impl Shared {
    pub(crate) fn new(
        world: World,
        samples: Samples,
        people: Vec<NewUser>,
        deliveries: mpsc::UnboundedSender<Delivery>,
    ) -> Self {
        Self(Arc::new(State {
            inner: Mutex::new(Inner { world, polls: HashMap::new() }),
            ahead: AtomicU64::new(0),
            events: broadcast::channel(EVENTS).0,
            changed: watch::channel(0).0,
            wake: Notify::new(),
            closing: watch::channel(false).0,
            deliveries,
            samples,
            people,
        }))
    }

    /// The simulator's time.
    pub(crate) fn now(&self) -> Millis {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
            + Duration::from_millis(self.0.ahead.load(Ordering::Relaxed))
    }

    /// Moves the simulator's clock forward.
    pub(crate) fn advance(&self, millis: u64) {
        self.0.ahead.fetch_add(millis, Ordering::Relaxed);
        self.with(World::tick);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic while the world was locked is a bug that was reported already; the others go on.
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the world, then tells everybody who waits for what came of it.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut World, Millis) -> R) -> R {
        self.with_polls(|world, _, now| act(world, now))
    }

    /// Begins a poll within `act` and returns where its outcome will come from.
    fn with_polls<R>(
        &self,
        act: impl FnOnce(&mut World, &mut HashMap<PollId, oneshot::Sender<PollOutcome>>, Millis) -> R,
    ) -> R {
        let mut inner = self.lock();
        let Inner { world, polls } = &mut *inner;
        world.listened = self.0.events.receiver_count() > 0;
        let result = act(world, polls, self.now());
        for (id, outcome) in std::mem::take(&mut world.finished_polls) {
            if let Some(waiting) = polls.remove(&id) {
                // Nobody listens if the client is gone; Telegram does not notice that either.
                let _ = waiting.send(outcome);
            }
        }
        for delivery in std::mem::take(&mut world.deliveries) {
            // Nobody receives while the simulator stops.
            let _ = self.0.deliveries.send(delivery);
        }
        self.tell(inner);
        self.0.wake.notify_one();
        result
    }

    /// Writes something down, after which nothing new is due, and tells those who watch.
    pub(crate) fn note<R>(&self, write: impl FnOnce(&mut World, Millis) -> R) -> R {
        let mut inner = self.lock();
        inner.world.listened = self.0.events.receiver_count() > 0;
        let result = write(&mut inner.world, self.now());
        self.tell(inner);
        result
    }

    /// Tells those who watch what happened.
    fn tell(&self, mut inner: MutexGuard<'_, Inner>) {
        let events = std::mem::take(&mut inner.world.events);
        drop(inner);
        for event in events {
            // No listener is no error.
            let _ = self.0.events.send(event);
        }
        self.0.changed.send_modify(|count| *count += 1);
    }

    /// Looks at the world without changing it; nobody is told.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&World, Millis) -> R) -> R {
        look(&self.lock().world, self.now())
    }

    /// Does something with the world that nobody waits for.
    pub(crate) fn quietly<R>(&self, act: impl FnOnce(&mut World, Millis) -> R) -> R {
        let mut inner = self.lock();
        act(&mut inner.world, self.now())
    }

    /// The server stops: polls are answered, calls that are still under way are told so.
    pub(crate) fn close(&self) {
        self.with(World::close);
        self.0.closing.send_replace(true);
    }

    /// Waits until the server stops.
    pub(crate) async fn closed(&self) {
        // The sender is as old as this.
        let _ = self.0.closing.subscribe().wait_for(|closing| *closing).await;
    }

    /// Performs an API call; if it became a poll, returns where its outcome will come from.
    pub(crate) fn call<R>(
        &self,
        act: impl FnOnce(&mut World, Millis) -> (R, Option<PollId>),
    ) -> (R, Option<(PollId, oneshot::Receiver<PollOutcome>)>) {
        self.with_polls(|world, polls, now| {
            let (result, poll) = act(world, now);
            let poll = poll.map(|id| {
                let (sender, receiver) = oneshot::channel();
                polls.insert(id, sender);
                (id, receiver)
            });
            (result, poll)
        })
    }

    /// Forgets everything but the bots, their tokens, and the people there were at the start.
    pub(crate) fn reset(&self) {
        let mut inner = self.lock();
        inner.world = inner.world.emptied();
        for person in &self.0.people {
            // They were accepted at the start.
            let _ = inner.world.put_user(person.clone());
        }
        // The polls' senders go, so that their requests end.
        inner.polls.clear();
        drop(inner);
        let _ = self.0.events.send(Event::Reset);
        self.0.changed.send_modify(|count| *count += 1);
    }

    /// The stream of events from now on.
    pub(crate) fn events(&self) -> broadcast::Receiver<Event> {
        self.0.events.subscribe()
    }

    /// Changes whenever the world may have.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// The sample files.
    pub(crate) fn samples(&self) -> &Samples {
        &self.0.samples
    }

    /// Lets time pass in the world, for as long as it is polled.
    pub(crate) async fn drive(self) {
        loop {
            let (deadline, now) = self.read(|world, now| (world.next_deadline(now), now));
            match deadline {
                Some(deadline) if deadline <= now => self.with(World::tick),
                Some(deadline) => {
                    let rest = Duration::from_millis(deadline.0 - now.0);
                    let _ = tokio::time::timeout(rest, self.0.wake.notified()).await;
                }
                None => self.0.wake.notified().await,
            }
        }
    }
}
