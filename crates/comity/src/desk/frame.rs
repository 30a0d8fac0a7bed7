//! What a caller and a serving process say to each other over the socket.
//!
//! A frame is one byte for its kind, four for its length (little-endian), and its content. The serving process
//! greets first; the caller then tells who it is and what to run, and ends with [`Kind::Go`]. Nothing is run before.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::shown::Shown;

/// Raised with every change of what is said here.
pub(super) const PROTOCOL: u32 = 2;
/// Largest content of one frame. Linux lets one argument be 128 KiB.
pub(super) const LARGEST: usize = 256 << 10;
/// Most bytes of all arguments together.
pub(super) const MOST_ARGUMENTS: usize = 4 << 20;
/// Bytes of a stream in one frame.
pub(super) const PIECE: usize = 64 << 10;

/// What a frame is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// From the serving process, first: a [`Greeting`].
    Welcome,
    /// Instead of it: why not, in words.
    Refused,
    /// From the caller: a [`Caller`].
    Caller,
    /// The caller's working folder.
    Folder,
    /// One argument of the command line, the program's name left out.
    Argument,
    /// That was all: run it.
    Go,
    /// The next bytes of the caller's standard input; one such frame, or an end, for each `Want`.
    Input,
    /// Its end.
    InputEnd,
    /// Why it cannot be read, in words.
    InputFailed,
    /// The caller pressed Ctrl-C.
    Stop,
    /// The caller has shown the progress bar that it was sent.
    Seen,
    /// From the serving process: the command can be stopped in good order.
    Stoppable,
    /// The command asks for more standard input.
    Want,
    /// Bytes for standard output.
    Out,
    /// Bytes for standard error.
    Err,
    /// A progress bar, for standard error; the next one is sent when this was `Seen`.
    Bar,
    /// The command ended; one byte, its exit code.
    End,
}

/// How the serving process begins.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Greeting {
    pub(super) protocol: u32,
    /// Of the program, for people.
    pub(super) version: String,
}

/// Who calls, and from what kind of place.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Caller {
    /// What the caller shows who it is by.
    pub(super) shown: Shown,
    /// Columns of the terminal that standard output is; none when it is something else.
    pub(super) out_width: Option<u16>,
    /// The same of standard error.
    pub(super) err_width: Option<u16>,
    /// The settings that hold for the caller: the node's file, and the caller's environment over it.
    pub(super) config: Config,
}

/// What an argument costs of [`MOST_ARGUMENTS`]: its bytes, and those that it takes to hold it.
pub(super) fn cost(argument: &[u8]) -> usize {
    argument.len().saturating_add(32)
}

/// Writes one frame.
pub(super) fn write(to: &mut impl Write, kind: Kind, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len()).ok().filter(|_| content.len() <= LARGEST);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "too much for one frame"))?;
    let mut frame = Vec::with_capacity(5 + content.len());
    frame.push(kind as u8);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(content);
    to.write_all(&frame)
}

/// Reads one frame; whatever is no frame is an error.
pub(super) fn read(from: &mut impl Read) -> io::Result<(Kind, Vec<u8>)> {
    let strange = |what| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let kind = KINDS.iter().copied().find(|known| *known as u8 == kind);
    let kind = kind.ok_or_else(|| strange("a frame of a kind that is not known"))?;
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > LARGEST {
        return Err(strange("a frame that is too large"));
    }
    let mut content = vec![0; length];
    from.read_exact(&mut content)?;
    Ok((kind, content))
}

const KINDS: &[Kind] = &[
    Kind::Welcome,
    Kind::Refused,
    Kind::Caller,
    Kind::Folder,
    Kind::Argument,
    Kind::Go,
    Kind::Input,
    Kind::InputEnd,
    Kind::InputFailed,
    Kind::Stop,
    Kind::Seen,
    Kind::Stoppable,
    Kind::Want,
    Kind::Out,
    Kind::Err,
    Kind::Bar,
    Kind::End,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_reads_back() {
        let mut bytes = Vec::new();
        for kind in KINDS {
            write(&mut bytes, *kind, format!("{kind:?}").as_bytes()).unwrap();
        }
        let mut from = bytes.as_slice();
        for kind in KINDS {
            assert_eq!(read(&mut from).unwrap(), (*kind, format!("{kind:?}").into_bytes()));
        }
        assert!(read(&mut from).is_err(), "the end is an end");
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for bytes in [&[99, 0, 0, 0, 0][..], &[0, 255, 255, 255, 255], &[0, 1, 0, 4, 0], &[0, 9, 0, 0, 0, 1], &[0, 0]] {
            assert!(read(&mut &*bytes).is_err(), "{bytes:?}");
        }
        assert!(write(&mut Vec::new(), Kind::Out, &vec![0; LARGEST + 1]).is_err());
    }
}
