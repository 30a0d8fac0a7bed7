use super::{Client, Reply, Session};

/// The collection a client may read: the path of its objects, without a slash at the end.
pub(crate) fn readable(client: &Client) -> String {
    collection(client, "can_read") + "/objects"
}

/// The objects of the inbox.
pub(crate) fn writable(client: &Client) -> String {
    collection(client, "can_write") + "/objects"
}

fn collection(client: &Client, can: &str) -> String {
    let reply = client.get("/taxii2/root/collections/").json();
    let found = reply["collections"].as_array().unwrap().iter().find(|one| one[can] == true).unwrap();
    format!("/taxii2/root/collections/{}", found["id"].as_str().unwrap())
}

/// Every page from this address on, by `next`.
pub(crate) fn pages(session: &mut Session, path: &str, query: &str) -> Vec<Reply> {
    let mut all = vec![session.get(&format!("{path}/?{query}"))];
    while let Some(next) = all.last().and_then(Reply::next) {
        all.push(session.get(&format!("{path}/?{query}&next={next}")));
        assert!(all.len() < 10_000, "it never ends");
    }
    all
}

/// The ids of all pages.
pub(crate) fn ids(pages: &[Reply]) -> Vec<String> {
    pages.iter().flat_map(Reply::ids).collect()
}
