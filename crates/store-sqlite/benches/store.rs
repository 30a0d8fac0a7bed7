//! How fast the store alone takes objects in and gives them back.
fn main() {}
