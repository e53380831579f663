package dev.lifeboat.lab;

import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Mounts of a test's own: a file system in memory whose size can be changed while it is used, and bind mounts. */
public final class SmallDisk implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /**
     * Empty, with a word about it on standard output, where this user may not mount. A user namespace is no way out:
     * who is root enough to mount in it is too much root for PostgreSQL.
     */
    public static Optional<SmallDisk> at(Path folder, String owner, String size, String test) {
        Folders.owned(folder, owner, "rwxr-xr-x");
        Optional<SmallDisk> disk = mount(test, "-t", "tmpfs", "-o", "size=" + size, "lifeboat-test", folder.toString());
        disk.ifPresent(mounted -> Folders.owned(folder, owner, "rwxr-xr-x"));
        return disk;
    }

    /** Shows a folder at another place, or at its own, where it becomes a mount point by that. */
    public static Optional<SmallDisk> bind(Path from, Path to, String options, String test) {
        return mount(test, "--bind", "-o", options, from.toString(), to.toString());
    }

    private static Optional<SmallDisk> mount(String test, String... arguments) {
        Programs.Result result = run(arguments);
        if (result.exitCode() == 0) {
            return Optional.of(new SmallDisk(Path.of(arguments[arguments.length - 1])));
        }
        System.out.println(test + " DID NOT RUN: this user may not mount a file system ("
                + result.errors().strip() + "); it runs as root");
        return Optional.empty();
    }

    public Path folder() {
        return folder;
    }

    public void resize(String size) {
        Programs.Result result = run("-o", "remount,size=" + size, folder.toString());
        if (result.exitCode() != 0) {
            throw new IllegalStateException("cannot make " + folder + " " + size + " big: " + result.errors());
        }
    }

    /** Leaves only about so many bytes for whatever comes next; a file that grows meanwhile gets a little more. */
    public void fillUpTo(long left) {
        for (long more = left; ; more += 64 << 10) {
            Programs.Result result = run("-o", "remount,size=" + (used() + more) / 4096 * 4096, folder.toString());
            if (result.exitCode() == 0) {
                return;
            }
            if (more > left + (64 << 20)) {
                throw new IllegalStateException("cannot make " + folder + " small: " + result.errors());
            }
        }
    }

    private long used() {
        try {
            FileStore store = Files.getFileStore(folder);
            return store.getTotalSpace() - store.getUnallocatedSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        // Lazily: a server may still have its working directory there.
        Programs.run(System.getProperty("user.name"), List.of("umount", "-l", folder.toString()), Map.of(), LIMIT);
    }

    private static Programs.Result run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(arguments));
        return Programs.run(System.getProperty("user.name"), command, Map.of(), LIMIT);
    }
}
