//! Following and pushing, from a server made of this crate's own server side.

use std::sync::{Arc, Mutex};

use comity_base::{Position, Timestamp};
use comity_taxii::{
    Batch, Client, Cursor, CursorKey, FilterLimits, Filters, FollowAction, FollowOptions, FollowState, Notice,
    Progress, PushAction, PushOptions, PushState, Scope, Status, StatusDetail, TaxiiError, date_added,
    date_added_headers, envelope,
};
use http::Method;

use crate::server::{Answer, Request, Server, taxii, with};

const NOW: i64 = 1_793_534_400_000_000;
const SCOPE: Scope<'static> = Scope { collection: "c1", reader: "lab-north" };

/// A collection whose objects are numbered from 1 and were added a millisecond apart.
struct Shelf {
    objects: Vec<String>,
    key: CursorKey,
    posted: Vec<serde_json::Value>,
    polls: u32,
}

impl Shelf {
    fn new(count: usize) -> Arc<Mutex<Self>> {
        let objects = (1..=count).map(object).collect();
        let shelf = Self { objects, key: CursorKey::new(&[1; 32]), posted: Vec::new(), polls: 0 };
        Arc::new(Mutex::new(shelf))
    }

    fn date(position: u64) -> i64 {
        NOW + i64::try_from(position).unwrap() * 1000
    }

    fn page(&self, query: &str) -> Result<Answer, Box<TaxiiError>> {
        let mut filters = Filters::parse(query, &FilterLimits::default()).map_err(TaxiiError::from)?;
        let cursor = filters
            .next
            .as_deref()
            .map(|token| Cursor::open(&self.key, SCOPE, token))
            .transpose()
            .map_err(TaxiiError::from)?;
        if let Some(cursor) = &cursor {
            filters = filters.resume(cursor);
        }
        let start = cursor.as_ref().map_or(0, |cursor| cursor.position.0);
        let end = cursor.map_or(self.objects.len() as u64, |cursor| cursor.snapshot.0);
        let after = filters.added_after.map_or(i64::MIN, Timestamp::as_micros);
        let seen = |position: &u64| {
            let kind = if position.is_multiple_of(2) { "malware" } else { "indicator" };
            let types = &filters.matches.types;
            Self::date(*position) > after && (types.is_empty() || types.iter().any(|known| known.as_str() == kind))
        };
        let limit = usize::try_from(filters.limit.unwrap_or(100).min(100)).unwrap();
        let all: Vec<u64> = (start + 1..=end).filter(seen).collect();
        let given = &all[..all.len().min(limit)];
        let next = given.last().filter(|_| all.len() > given.len()).map(|&position| {
            let (limit, added_after, matches) = (filters.limit, filters.added_after, filters.matches.clone());
            let cursor = Cursor { position: Position(position), snapshot: Position(end), limit, added_after, matches };
            cursor.seal(&self.key, SCOPE)
        });
        let objects = given.iter().map(|&position| self.objects[usize::try_from(position).unwrap() - 1].as_bytes());
        let mut answer = taxii(200, envelope::write(objects, next.as_deref()));
        if let (Some(&first), Some(&last)) = (given.first(), given.last()) {
            let moment = |position| Timestamp::from_micros(Self::date(position));
            answer.headers_mut().extend(date_added_headers(moment(first), moment(last)));
        }
        Ok(answer)
    }

    /// Refuses objects called bad, and tells so at the second question.
    fn status(&mut self) -> Status {
        self.polls += 1;
        let failures: Vec<StatusDetail> = self.posted.last().unwrap()["objects"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|object| object["name"] == "bad")
            .map(|object| StatusDetail { id: object["id"].as_str().unwrap().to_owned(), ..StatusDetail::default() })
            .collect();
        let status = if self.polls.is_multiple_of(2) { Progress::Complete } else { Progress::Pending };
        Status { id: "s1".to_owned(), status, failure_count: failures.len() as u64, failures, ..Status::default() }
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let told = |status: &Status| serde_json::to_vec(status).unwrap();
        match (&request.method, request.path.as_str()) {
            (&Method::POST, _) if request.body.len() > 2000 => taxii(413, TaxiiError::too_large(2000).body()),
            (&Method::POST, _) => {
                self.posted.push(serde_json::from_slice(&request.body).unwrap());
                taxii(202, told(&Status { id: "s1".to_owned(), ..Status::default() }))
            }
            (_, "/api1/status/s1/") => taxii(200, told(&self.status())),
            _ => self.page(&request.query).unwrap_or_else(|error| taxii(error.status().as_u16(), error.body())),
        }
    }
}

fn object(number: usize) -> String {
    format!("{{\"type\":\"indicator\",\"id\":\"indicator--{number}\",\"x_number\": {number}.0}}")
}

async fn start(shelf: &Arc<Mutex<Shelf>>) -> Server {
    let shelf = Arc::clone(shelf);
    Server::start(move |request| shelf.lock().unwrap().answer(request)).await
}

/// Follows until there is nothing to do; gives the objects as they came, and what was noticed.
async fn follow(client: &Client, options: &FollowOptions, state: &mut FollowState) -> (Vec<String>, Vec<Notice>) {
    let now = state.next_due.max(Timestamp::from_micros(NOW));
    let (mut objects, mut notices) = (Vec::new(), Vec::new());
    while let FollowAction::Fetch(request) = state.plan(options, now) {
        let mut body = Vec::new();
        match client.objects("/api1/", "c1", &request, &mut body).await {
            Ok(page) => {
                let page_objects: serde_json::Value = serde_json::from_slice(&body).unwrap();
                objects
                    .extend(page_objects["objects"].as_array().unwrap().iter().map(|object| object["id"].to_string()));
                notices.extend(state.succeeded(options, &request, &page, now));
            }
            Err(error) => notices.extend(state.failed(options, &request, &error.failure(), now)),
        }
    }
    (objects, notices)
}

fn ids(numbers: impl Iterator<Item = usize>) -> Vec<String> {
    numbers.map(|number| format!("\"indicator--{number}\"")).collect()
}

#[tokio::test]
async fn a_collection_is_followed_from_its_first_object_to_its_last() {
    let shelf = Shelf::new(95);
    let server = start(&shelf).await;
    let options = FollowOptions { limit: Some(10), ..FollowOptions::default() };
    let mut state = FollowState::default();
    let (objects, notices) = follow(&server.client(), &options, &mut state).await;
    assert_eq!((objects, notices), (ids(1..=95), vec![]));
    assert_eq!(state.added_after, Some(date_added(Shelf::date(95))));
    assert_eq!(server.asked().len(), 10);
    // Nothing new, then something new.
    assert_eq!(follow(&server.client(), &options, &mut state).await.0, ids(1..1));
    shelf.lock().unwrap().objects.extend((96..=107).map(object));
    assert_eq!(follow(&server.client(), &options, &mut state).await.0, ids(96..=107));
}

#[tokio::test]
async fn filters_hold_over_all_pages() {
    let server = start(&Shelf::new(50)).await;
    let matches = Filters::parse("match[type]=malware", &FilterLimits::default()).unwrap().matches;
    let options = FollowOptions { limit: Some(7), matches, ..FollowOptions::default() };
    let (objects, _) = follow(&server.client(), &options, &mut FollowState::default()).await;
    assert_eq!(objects, ids((1..=50).filter(|number| number % 2 == 0)));
}

#[tokio::test]
async fn a_token_alone_is_enough() {
    let server = start(&Shelf::new(30)).await;
    let mut request = comity_taxii::PageRequest {
        added_after: Some(date_added(Shelf::date(4))),
        limit: Some(5),
        ..comity_taxii::PageRequest::default()
    };
    let page = server.client().objects("/api1/", "c1", &request, &mut Vec::new()).await.unwrap();
    request = comity_taxii::PageRequest { next: page.marks.next, ..comity_taxii::PageRequest::default() };
    let page = server.client().objects("/api1/", "c1", &request, &mut Vec::new()).await.unwrap();
    assert_eq!((page.first, page.last), (Some(date_added(Shelf::date(10))), Some(date_added(Shelf::date(14)))));
}

#[tokio::test]
async fn a_key_lost_in_the_middle_costs_one_page_and_no_object() {
    let shelf = Shelf::new(40);
    let server = start(&shelf).await;
    let options = FollowOptions { limit: Some(10), ..FollowOptions::default() };
    let mut state = FollowState::default();
    let client = server.client();
    let now = Timestamp::from_micros(NOW);
    let FollowAction::Fetch(request) = state.plan(&options, now) else { panic!() };
    let page = client.objects("/api1/", "c1", &request, &mut Vec::new()).await.unwrap();
    state.succeeded(&options, &request, &page, now);
    shelf.lock().unwrap().key = CursorKey::new(&[2; 32]);
    let (objects, notices) = follow(&client, &options, &mut state).await;
    // The object that bears the last date comes again.
    assert_eq!((objects, notices), (ids(10..=40), vec![Notice::TokenRefused]));
}

#[tokio::test]
async fn a_server_in_need_of_rest_is_left_alone() {
    let server = Server::start(|_| with(taxii(503, "{}"), "retry-after", "7200")).await;
    let (options, mut state) = (FollowOptions::default(), FollowState::default());
    follow(&server.client(), &options, &mut state).await;
    assert_eq!(server.asked().len(), 1);
    assert_eq!(state.next_due.as_micros() - NOW, 7_200_000_000);
    assert!(state.trouble.unwrap().contains("503"));
}

#[tokio::test]
async fn objects_are_pushed_and_each_failure_is_reported() {
    let shelf = Shelf::new(0);
    let server = start(&shelf).await;
    let client = server.client();
    let outbox: Vec<(Position, String, String)> = (1u64..=60)
        .map(|number| {
            let name = if number % 20 == 0 { "bad" } else { "good" };
            (
                Position(number),
                format!("indicator--{number}"),
                format!("{{\"id\":\"indicator--{number}\",\"name\":\"{name}\"}}"),
            )
        })
        .collect();
    let (options, mut state) = (PushOptions { objects: 100, ..PushOptions::default() }, PushState::default());
    let (mut taken, mut failed) = (0, Vec::new());
    let mut now = Timestamp::from_micros(NOW);
    loop {
        let report = match state.plan(&options, now) {
            PushAction::Wait(until) => {
                now = until;
                continue;
            }
            PushAction::Send { after, objects, bytes } => {
                let waiting = outbox.iter().filter(|(position, ..)| *position > after);
                let items = waiting.map(|(position, id, object)| (*position, id.as_str(), object.as_bytes()));
                let Some(batch) = Batch::fill(after, items, objects, bytes) else { break };
                match client.add("/api1/", "c1", &batch.body).await {
                    Ok(status) => state.accepted(&options, &batch, status.as_ref(), now),
                    Err(error) => state.refused(&options, &batch, &error.failure(), now),
                }
            }
            PushAction::Poll { status } => match client.status("/api1/", &status).await {
                Ok(status) => state.polled(&options, &status, now),
                Err(error) => state.poll_failed(&options, &error.failure(), now),
            },
        };
        taken += report.taken;
        failed.extend(report.failures.into_iter().map(|failure| failure.id));
    }
    assert_eq!((taken, failed), (57, vec!["indicator--20".into(), "indicator--40".into(), "indicator--60".into()]));
    assert_eq!(state.settled, Position(60));
    assert!(now < Timestamp::from_micros(NOW + 60_000_000), "no failure was waited for: {now}");
    let posted: usize = shelf.lock().unwrap().posted.iter().map(|body| body["objects"].as_array().unwrap().len()).sum();
    assert_eq!(posted, 60, "nothing was taken twice");
}
