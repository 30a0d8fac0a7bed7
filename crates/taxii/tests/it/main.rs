//! The client and the state machines against servers on real sockets: good ones, careless ones and hostile ones.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod server;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod walks;
