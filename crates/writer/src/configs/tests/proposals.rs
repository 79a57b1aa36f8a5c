//! A second admin's approval.

use interfaces::configs::{Approve, Cancel, Decline, Progress, Proposal, ProposalState, Propose, Rollback, Step};
use interfaces::notices::Event;

use super::checks::{line, operator, person, role, trail};
use super::*;
use crate::store::StoreError;

fn boris() -> Author {
    person(1002, "Boris")
}

/// The first kind needs approval.
async fn room_with_approval() -> (Room, Store, Configs) {
    let room = Room::new();
    let store = room.store();
    let mut kinds = kinds();
    kinds[0].approval = true;
    let configs = room.open_with(store.clone(), kinds).await;
    (room, store, configs)
}

fn proposing(base: i64, content: &str, id: &str) -> Propose {
    Propose {
        kind: "fees".to_owned(),
        content: content.to_owned(),
        base,
        restores: None,
        author: anna(),
        request_id: id.to_owned(),
        settles: None,
    }
}

fn approving(id: i64, by: Author, request: &str) -> Approve {
    Approve { id, over: None, by, request_id: request.to_owned(), settles: None }
}

fn declining(id: i64, by: Author, request: &str) -> Decline {
    Decline { id, by, request_id: request.to_owned(), settles: None }
}

async fn propose(configs: &Configs, base: i64, content: &str) -> Proposal {
    configs.propose(proposing(base, content, &format!("{base}:{content}"))).await.unwrap().proposal
}

/// Who is to be told what.
pub(super) async fn notices(store: &Store) -> Vec<(i64, Event)> {
    let sql = "SELECT user, event FROM notices ORDER BY id";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
    let rows = store.read::<_, StoreError, _>(move |view| view.all(sql, [], row)).await.unwrap();
    rows.into_iter().map(|(user, event)| (user, serde_json::from_str(&event).unwrap())).collect()
}

#[test]
fn a_kind_with_approval_takes_nothing_else_from_anybody() {
    run(async {
        let (room, store, configs) = room_with_approval().await;
        for (author, id) in [(anna(), "anna"), (operator(), "root")] {
            let call = Put { author, ..upload("fees", 0, "a: 1", id) };
            let error = configs.put(call).await.unwrap_err();
            assert!(matches!(error, Refused::ApprovalRequired(_)), "{error}");
        }
        let error = configs.put(upload("fees", 0, "bad", "bad")).await.unwrap_err();
        assert!(matches!(error, Refused::Invalid { .. }), "what is wrong is said first: {error}");
        assert!(history(&configs, "fees").await.is_empty());
        assert!(names(&room.root.join("published")).is_empty());
        assert_eq!(configs.put(upload("rates", 0, "a: 1", "rates")).await.unwrap().version.version, 1);
        let reasons: Vec<_> = trail(&store).await.into_iter().filter_map(|line| line.5).collect();
        assert_eq!(reasons, ["approval required", "approval required", "invalid"]);
    });
}

#[test]
fn what_equals_the_current_version_needs_nobodys_approval_and_is_no_proposal() {
    run(async {
        let (_room, store, configs) = room_with_approval().await;
        propose(&configs, 0, "a: 1").await;
        let first = configs.approve(approving(1, boris(), "one")).await.unwrap().version;
        let before = (notices(&store).await, trail(&store).await);
        // Whatever it was based on: there is nothing to compare.
        for (base, id) in [(1, "again"), (0, "late")] {
            let reply = configs.put(upload("fees", base, "a: 1", id)).await.unwrap();
            assert_eq!((reply.unchanged, reply.published, &reply.version), (true, true, &first));
            let error = configs.propose(proposing(base, "a: 1", &format!("{id} proposed"))).await.unwrap_err();
            assert!(matches!(&error, Refused::Unchanged(current) if **current == first), "{error}");
        }
        let back = Rollback {
            kind: "fees".to_owned(),
            to: 1,
            base: 1,
            over: None,
            author: anna(),
            request_id: "back".to_owned(),
            settles: None,
        };
        assert!(configs.rollback(back).await.unwrap().unchanged);
        assert_eq!((notices(&store).await, trail(&store).await), before, "nobody is told, and nothing was refused");
        assert!(configs.proposals(None).await.unwrap().is_empty());
        assert_eq!(history(&configs, "fees").await.len(), 1);
        // What was no change then may be one later, under the same name.
        let reply = configs.propose(proposing(1, "a: 2", "again proposed")).await.unwrap();
        assert_eq!(reply.proposal.id, 2);
    });
}

#[test]
fn what_was_no_change_before_the_lock_and_is_one_within_it_is_not_made_by_one_alone() {
    run(async {
        let (room, _store, configs) = room_with_approval().await;
        propose(&configs, 0, "a: 1").await;
        configs.approve(approving(1, boris(), "one")).await.unwrap();
        propose(&configs, 1, "a: 2").await;
        let held = {
            let kind = configs.inner.kind("fees").unwrap();
            Arc::clone(&kind.place).lock_owned().await
        };
        // First come, first served: the approval has asked for the lock when the other is found to be no change, whose base is right
        // by luck then.
        let approved = configs.approve(approving(2, boris(), "two"));
        let put = async {
            waits(&configs, "two").await;
            let put = configs.put(upload("fees", 2, "a: 1", "same"));
            let release = async {
                waits(&configs, "same").await;
                drop(held);
            };
            tokio::join!(put, release).0
        };
        let (approved, put) = tokio::join!(approved, put);
        assert_eq!(approved.unwrap().version.version, 2);
        let error = put.unwrap_err();
        assert!(matches!(error, Refused::ApprovalRequired(_)), "{error}");
        assert_eq!(read(&room.published("fees.yml")), "a: 2");
        assert_eq!(history(&configs, "fees").await.len(), 2);
    });
}

/// Until a request waits for its kind's lock.
async fn waits(configs: &Configs, request_id: &str) {
    let mut since = None;
    while since != Some(Step::Waiting) {
        since = configs.progress(Progress { request_id: request_id.to_owned(), since }).await;
        tokio::task::yield_now().await;
    }
}

#[test]
fn what_a_second_admin_approves_is_published_as_its_authors() {
    run(async {
        let (room, store, configs) = room_with_approval().await;
        let proposal = propose(&configs, 0, "a: 1").await;
        assert_eq!((proposal.id, proposal.state, &proposal.author), (1, ProposalState::Open, &anna()));
        assert_eq!(propose(&configs, 0, "a: 1").await, proposal, "asking twice does it once");
        assert!(history(&configs, "fees").await.is_empty(), "nothing is published");
        assert_eq!(configs.proposals(None).await.unwrap(), std::slice::from_ref(&proposal));
        assert!(configs.proposals(Some("rates".to_owned())).await.unwrap().is_empty());
        assert_eq!(configs.proposal(1).await.unwrap(), (proposal.clone(), b"a: 1".to_vec()));

        let error = configs.approve(approving(1, anna(), "own")).await.unwrap_err();
        assert!(matches!(error, Refused::OwnProposal(_)), "{error}");
        let reply = configs.approve(approving(1, boris(), "yes")).await.unwrap();
        assert!(reply.published && !reply.unchanged);
        assert_eq!(reply.version.author, anna());
        assert_eq!(reply.version.approved_by, Some(boris()));
        assert_eq!(read(&room.published("fees.yml")), "a: 1");
        assert!(read(&room.published("fees.yml.meta.json")).contains("\"approved_by\""));
        assert_eq!(configs.approve(approving(1, boris(), "yes")).await.unwrap(), reply);
        assert!(configs.proposals(None).await.unwrap().is_empty());
        let decided = configs.proposal(1).await.unwrap().0;
        assert_eq!((decided.state, &decided.by, decided.version), (ProposalState::Approved, &Some(boris()), Some(1)));

        let error = configs.approve(approving(1, operator(), "late")).await.unwrap_err();
        assert!(matches!(&error, Refused::Decided(found) if **found == decided), "{error}");
        let error = configs.decline(declining(1, boris(), "no")).await.unwrap_err();
        assert!(matches!(error, Refused::Decided(_)), "{error}");
        let error = configs.approve(approving(9, boris(), "none")).await.unwrap_err();
        assert!(matches!(error, Refused::NoSuchProposal(9)), "{error}");

        // Boris is asked; Anna is told.
        let told = notices(&store).await;
        assert_eq!(told, [(1002, Event::Proposed { proposal }), (1001, Event::Decided { proposal: decided })]);
        let about = |mut line: super::checks::Line| {
            line.4 = Some("proposal 1".to_owned());
            line
        };
        let trail = trail(&store).await;
        assert_eq!(trail[0], about(line(1001, "propose", None, None)));
        assert_eq!(trail[1], line(1001, "approve", None, Some("own proposal")));
        assert_eq!(trail[2], about(line(1002, "approve", Some(1), None)));
        store.close().await;
    });
}

#[test]
fn it_is_declined_by_others_and_withdrawn_by_its_author() {
    run(async {
        let (_room, store, configs) = room_with_approval().await;
        propose(&configs, 0, "a: 1").await;
        propose(&configs, 0, "a: 2").await;
        let declined = configs.decline(declining(1, boris(), "no")).await.unwrap().proposal;
        assert_eq!((declined.state, declined.by.clone()), (ProposalState::Declined, Some(boris())));
        assert_eq!(configs.decline(declining(1, boris(), "no")).await.unwrap().proposal, declined);
        let withdrawn = configs.decline(declining(2, anna(), "back")).await.unwrap().proposal;
        assert_eq!(withdrawn.state, ProposalState::Withdrawn);
        let stored = configs.proposal(2).await.unwrap().0;
        assert_eq!((stored.state, stored.by), (ProposalState::Withdrawn, Some(anna())));
        let trail = crate::audit::Trail::new(store.clone()).list(i64::MAX, 2, None, None).await.unwrap();
        let told: Vec<_> = trail.iter().map(|entry| (entry.action.as_str(), entry.about.as_deref())).collect();
        assert_eq!(told, [("withdraw", Some("proposal 2")), ("decline", Some("proposal 1"))]);
        for id in [1, 2] {
            let error = configs.approve(approving(id, operator(), &format!("yes {id}"))).await.unwrap_err();
            assert!(matches!(error, Refused::Decided(_)), "{error}");
        }
        let decided = notices(&store).await.into_iter().filter(|(_, event)| matches!(event, Event::Decided { .. }));
        assert_eq!(decided.map(|(user, _)| user).collect::<Vec<_>>(), [1001], "who withdraws knows it");
        assert!(history(&configs, "fees").await.is_empty());
    });
}

#[test]
fn it_is_checked_as_an_upload_is() {
    run(async {
        let (_room, store, configs) = room_with_approval().await;
        propose(&configs, 0, "a: 1").await;
        configs.approve(approving(1, boris(), "yes")).await.unwrap();
        let error = configs.propose(proposing(0, "a: 2", "late")).await.unwrap_err();
        assert!(matches!(&error, Refused::Conflict(current) if current.version == 1), "{error}");
        let error = configs.propose(proposing(1, "bad", "bad")).await.unwrap_err();
        assert!(matches!(error, Refused::Invalid { .. }), "{error}");
        let eve = Propose { author: person(99, "Eve"), ..proposing(1, "a: 2", "eve") };
        assert!(matches!(configs.propose(eve).await.unwrap_err(), Refused::Forbidden { .. }));
        let unheard = Propose { kind: "unheard".to_owned(), ..proposing(0, "a: 2", "unheard") };
        assert!(matches!(configs.propose(unheard).await.unwrap_err(), Refused::NoSuchKind(_)));
        let back =
            |content: &str, restores, id: &str| Propose { restores: Some(restores), ..proposing(1, content, id) };
        let error = configs.propose(back("a: 2", 1, "not that")).await.unwrap_err();
        assert!(matches!(error, Refused::NoSuchVersion { version: 1, .. }), "{error}");
        configs.propose(proposing(1, "a: 2", "that")).await.unwrap();
        configs.propose(proposing(1, "a: 2", "that too")).await.unwrap();
        configs.approve(approving(3, boris(), "yes too")).await.unwrap();

        // A viewer asks for nothing and decides nothing.
        role(&store, 7, "", "viewer").await;
        let error = configs.approve(approving(2, person(7, "x"), "viewer")).await.unwrap_err();
        assert!(matches!(error, Refused::Forbidden { .. }), "{error}");
        let error = configs.decline(declining(2, person(7, "x"), "viewer too")).await.unwrap_err();
        assert!(matches!(error, Refused::Forbidden { .. }), "{error}");
        assert!(configs.approve(approving(2, boris(), "same")).await.unwrap().unchanged, "it is there already");
        assert_eq!(configs.proposal(2).await.unwrap().0.state, ProposalState::Approved);
    });
}

#[test]
fn it_is_not_approved_on_top_of_another_version_than_its_own() {
    run(async {
        let (_room, _store, configs) = room_with_approval().await;
        propose(&configs, 0, "a: 1").await;
        propose(&configs, 0, "a: 2").await;
        configs.approve(approving(1, boris(), "one")).await.unwrap();
        let error = configs.approve(approving(2, boris(), "two")).await.unwrap_err();
        assert!(matches!(&error, Refused::Conflict(current) if current.version == 1), "{error}");
        assert_eq!(configs.proposal(2).await.unwrap().0.state, ProposalState::Open, "it still can be withdrawn");
    });
}

#[test]
fn of_two_who_decide_at_once_one_does() {
    run(async {
        let (_room, _store, configs) = room_with_approval().await;
        propose(&configs, 0, "a: 1").await;
        let (approved, declined) = tokio::join!(
            configs.approve(approving(1, boris(), "yes")),
            configs.decline(declining(1, operator(), "no")),
        );
        let versions = history(&configs, "fees").await.len();
        match (approved, declined) {
            (Ok(_), Err(Refused::Decided(_))) => assert_eq!(versions, 1),
            (Err(Refused::Decided(_)), Ok(_)) => assert_eq!(versions, 0),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn what_was_cancelled_is_neither_proposed_nor_approved() {
    run(async {
        let (_room, _store, configs) = room_with_approval().await;
        let cancel = |id: &str| Cancel { request_id: id.to_owned(), settles: Vec::new() };
        assert!(configs.cancel(cancel("early")).await.unwrap().cancelled);
        let error = configs.propose(proposing(0, "a: 1", "early")).await.unwrap_err();
        assert!(matches!(error, Refused::Cancelled(_)), "{error}");
        let proposal = propose(&configs, 0, "a: 1").await;
        let reply = configs.cancel(cancel("0:a: 1")).await.unwrap();
        assert_eq!((reply.cancelled, reply.proposed), (false, Some(proposal)));
        assert!(configs.cancel(cancel("yes")).await.unwrap().cancelled);
        let error = configs.approve(approving(1, boris(), "yes")).await.unwrap_err();
        assert!(matches!(error, Refused::Cancelled(_)), "{error}");
        assert!(history(&configs, "fees").await.is_empty());
    });
}
