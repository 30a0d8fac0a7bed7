//! The index and the column as their owners see them.

#[cfg(test)]
mod column;
#[cfg(test)]
mod concurrent;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod large;
#[cfg(test)]
mod model;
#[cfg(test)]
mod reader;
