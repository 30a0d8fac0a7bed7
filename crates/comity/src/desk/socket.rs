use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// The socket's name in a node's folder.
pub(crate) const NAME: &str = "comity.sock";

/// The socket on which a serving process takes commands of its own account. Dropping it removes it.
pub(crate) struct Socket {
    pub(super) listener: UnixListener,
    path: PathBuf,
    /// Device and number of the file.
    file: (u64, u64),
}

impl Socket {
    /// Makes the socket in a node's folder. The caller holds the store, so one that is there already is stale.
    ///
    /// It is made in a folder that nobody else may enter and moved into place once its own mode is set, so there is
    /// no moment in which another account could connect.
    pub(crate) fn make(folder: &Path) -> io::Result<Self> {
        let path = folder.join(NAME);
        let closed = folder.join(format!(".{NAME}.new"));
        // What a process left that died in the middle of this.
        drop(fs::remove_dir_all(&closed));
        DirBuilder::new().mode(0o700).create(&closed)?;
        let made = Self::make_in(&closed, path);
        drop(fs::remove_dir_all(&closed));
        made
    }

    fn make_in(closed: &Path, path: PathBuf) -> io::Result<Self> {
        let inside = closed.join("s");
        let listener = UnixListener::bind(Short::of(&inside)?.path)?;
        fs::set_permissions(&inside, Permissions::from_mode(0o600))?;
        let file = identity(&inside)?;
        fs::rename(&inside, &path)?;
        Ok(Self { listener, path, file })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Only while it is this one: who comes next may have put another in its place.
        if identity(&self.path).is_ok_and(|file| file == self.file) {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Connects to the socket in a node's folder, when a process of this account listens there.
pub(super) fn connect(folder: &Path) -> io::Result<UnixStream> {
    let stream = UnixStream::connect(Short::of(&folder.join(NAME))?.path)?;
    if peer_uid(&stream)? == own_uid()? { Ok(stream) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

/// The account this process runs under.
pub(super) fn own_uid() -> io::Result<u32> {
    peer_uid(&UnixStream::pair()?.0)
}

/// The account of the process at the other end, as the system knows it. The stream blocks afterwards.
pub(super) fn peer_uid(stream: &UnixStream) -> io::Result<u32> {
    // The standard library does not offer this yet; tokio does, inside a runtime.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _inside = runtime.enter();
    let copy = stream.try_clone()?;
    copy.set_nonblocking(true)?;
    let uid = tokio::net::UnixStream::from_std(copy)?.peer_cred()?.uid();
    stream.set_nonblocking(false)?;
    Ok(uid)
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let meta = fs::symlink_metadata(path)?;
    Ok((meta.dev(), meta.ino()))
}

/// A path that fits into a socket's address, which holds about a hundred bytes.
struct Short {
    path: PathBuf,
    /// Keeps the path alive where it leads through it.
    _folder: Option<File>,
}

impl Short {
    fn of(path: &Path) -> io::Result<Self> {
        let too_long = path.as_os_str().len() > LONGEST;
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().filter(|_| too_long)) else {
            return Ok(Self { path: path.to_owned(), _folder: None });
        };
        let folder = File::open(folder)?;
        let path = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name);
        Ok(Self { path, _folder: Some(folder) })
    }
}

const LONGEST: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_its_accounts_alone_and_goes_with_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let socket = Socket::make(folder.path()).unwrap();
        let mode = fs::symlink_metadata(folder.path().join(NAME)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
        connect(folder.path()).unwrap();
        let next = Socket::make(folder.path()).unwrap();
        drop(socket);
        connect(folder.path()).expect("the one before leaves its successor alone");
        drop(next);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(connect(folder.path()).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_long_path_is_no_hindrance() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a".repeat(90)).join("b".repeat(90));
        fs::create_dir_all(&deep).unwrap();
        let _socket = Socket::make(&deep).unwrap();
        connect(&deep).unwrap();
    }
}
