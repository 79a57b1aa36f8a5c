//! Whoever follows the links of the pages sees every post once, in both directions, whatever is missing between them.

use natrium_sim::control::Millis;
use natrium_sim::preview::{Post, Wanted, history};
use proptest::prelude::*;

use crate::made;
use crate::reader::{self, Page};

fn fetch(posts: &[Post], wanted: &Wanted) -> Page {
    reader::read(&history(&made::news(), posts, wanted, Millis(1_787_431_435_000)))
}

fn before(number: i64, q: Option<&str>) -> Wanted {
    Wanted { before: Some(number), after: None, q: q.map(str::to_owned) }
}

fn after(number: i64, q: Option<&str>) -> Wanted {
    Wanted { before: None, after: Some(number), q: q.map(str::to_owned) }
}

/// The numbers on a page, those of an album's pictures too.
fn numbers(page: &Page) -> Vec<i64> {
    let of = |post: &reader::Post| if post.album_ids.is_empty() { vec![post.id] } else { post.album_ids.clone() };
    page.posts.iter().flat_map(of).collect()
}

/// What must hold of every page.
fn assert_sound(page: &Page) {
    assert_eq!((page.prev, page.next), (page.data_before, page.data_after), "head and history agree");
    let shown = numbers(page);
    assert!(shown.is_sorted(), "oldest first: {shown:?}");
    assert_eq!(page.no_posts_found, shown.is_empty());
    let (Some(first), Some(last)) = (shown.first(), shown.last()) else {
        assert_eq!((page.prev, page.next, &page.canonical), (None, None, &None));
        return;
    };
    assert!(page.prev.is_none_or(|prev| prev == *first), "{page:?}");
    assert!(page.next.is_none_or(|next| next == *last), "{page:?}");
    assert!(page.canonical.as_ref().unwrap().ends_with(&format!("before={}", last + 1)));
}

/// All numbers, page by page towards the oldest, then back; `q` looks for them.
fn walk(posts: &[Post], q: Option<&str>, most_numbers: i64) -> (Vec<Vec<i64>>, Vec<Vec<i64>>) {
    let start = Wanted { q: q.map(str::to_owned), ..Wanted::default() };
    let (mut page, mut back, mut forth) = (fetch(posts, &start), Vec::new(), Vec::new());
    assert_eq!(page.next, None, "the first page is the newest");
    loop {
        assert_sound(&page);
        let shown = numbers(&page);
        let is_short = shown.is_empty() || shown[shown.len() - 1] - shown[0] < most_numbers;
        assert!(is_short || page.next.is_none() && shown.len() <= 20, "{shown:?}");
        back.push(shown);
        match page.prev {
            Some(prev) => page = fetch(posts, &before(prev, q)),
            None => break,
        }
    }
    loop {
        assert_sound(&page);
        forth.push(numbers(&page));
        match page.next {
            Some(next) => page = fetch(posts, &after(next, q)),
            None => break,
        }
    }
    back.reverse();
    (back, forth)
}

proptest! {
    // Few, for whole pages take their time; that of the choice alone has more.
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_post_is_seen_once_in_both_directions(posts in made::many_posts()) {
        let all: Vec<i64> = posts.iter().flat_map(|post| post.span().0..=post.span().1).collect();
        let (back, forth) = walk(&posts, None, 20);
        prop_assert_eq!(back.concat(), all.clone());
        prop_assert_eq!(forth.concat(), all);
    }

    #[test]
    fn every_hit_of_a_search_is_seen_once(posts in made::many_posts(), marked in proptest::collection::vec(any::<bool>(), 120)) {
        let mut posts = posts;
        let mut hits = Vec::new();
        for (post, marked) in posts.iter_mut().zip(marked) {
            let media = post.media().cloned();
            let text = if marked { "new #fees today" } else { "fees2 are no #feesable thing" };
            let (first, last) = post.span();
            *post = made::text_post(post.id, text, media);
            if marked {
                hits.extend(first..=last);
            }
        }
        let (back, forth) = walk(&posts, Some("#fees"), i64::MAX);
        prop_assert_eq!(back.concat(), hits.clone());
        prop_assert_eq!(forth.concat(), hits);
    }

    #[test]
    fn any_number_may_be_asked_for(posts in made::many_posts(), number in 1_i64..3000) {
        let page = fetch(&posts, &before(number, None));
        assert_sound(&page);
        prop_assert!(page.posts.iter().all(|post| post.id < number));
        prop_assert_eq!(page.posts.is_empty(), posts.iter().all(|post| post.id >= number));
        let page = fetch(&posts, &after(number, None));
        assert_sound(&page);
        prop_assert!(page.posts.iter().all(|post| post.id > number));
        prop_assert_eq!(page.posts.is_empty(), posts.iter().all(|post| post.id <= number));
    }
}

#[test]
fn a_search_stays_in_its_links() {
    let posts: Vec<Post> = (1..=70).map(|id| made::text_post(id, "a&b телеграм", None)).collect();
    let q = Some("A&B телеграм");
    let html = history(&made::news(), &posts, &before(60, q), Millis(0));
    let page = reader::read(&html);
    assert_eq!((page.prev, page.next, page.posts.len()), (Some(40), Some(59), 20));
    let link = "/s/Natrium_News?q=A%26B%20%D1%82%D0%B5%D0%BB%D0%B5%D0%B3%D1%80%D0%B0%D0%BC&amp;before=40";
    assert_eq!(html.matches(link).count(), 2, "{html}");
}

#[test]
fn pages_of_a_real_channel_are_cut_in_the_same_way() {
    let is_there = |id: &i64| ![511, 530].contains(id);
    let posts: Vec<Post> = (1..=543).filter(is_there).map(|id| made::text_post(id, "word", None)).collect();
    let newest = fetch(&posts, &Wanted::default());
    assert_eq!((newest.prev, newest.next, newest.posts.len()), (Some(523), None, 20));
    assert_eq!(newest.canonical.as_deref(), Some("/s/Natrium_News?before=544"));
    let page = fetch(&posts, &before(528, None));
    assert_eq!((page.prev, page.next, page.posts.len()), (Some(508), Some(527), 19));
    assert_eq!(page.canonical.as_deref(), Some("/s/Natrium_News?before=528"));
}
