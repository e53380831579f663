package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Tablespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a base backup with additional tablespaces lies on its way to the bucket: {@code pg_basebackup} writes a tar for
 * each of them, and only one tar can go to standard output. What a killed attempt left is removed by the next one.
 */
final class BackupSpool {

    private static final long SPARE = 256L << 20;
    private static final Pattern PROGRESS = Pattern.compile("(\\d+)/(\\d+) kB \\(\\d+%\\).*");
    private static final String BASE = "base.tar";
    private static final String TAR = ".tar";

    private final Path root;
    private final ServerUser owner = new ServerUser(null);

    private BackupSpool(Path root) {
        this.root = root;
    }

    static BackupSpool of(ClusterAccess access) {
        Path configured = access.cluster().spoolDirectory();
        return new BackupSpool(
                configured == null
                        ? access.folder().root().resolve("spool")
                        : configured.resolve("lifeboat-" + access.cluster().name() + "-spool"));
    }

    Path root() {
        return root;
    }

    /** Nothing of it may be in use: the caller holds the lock of this cluster's backups. */
    void clear() throws IOException {
        FileTrees.delete(root);
    }

    /**
     * @param bytes of the cluster without its WAL
     * @throws RecoveryFailure TOO_LITTLE_SPACE; CLUSTER_NOT_READY when nothing can be written there
     */
    void requireRoom(String cluster, long bytes) throws IOException {
        Path existing = root;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
            throw new RecoveryFailure(
                    FailureCode.CLUSTER_NOT_READY,
                    "cannot back up %s: it has additional tablespaces, so its backup needs a spool in %s, and %s cannot be written by %s"
                            .formatted(cluster, root, existing, owner.name()),
                    "name a folder that can be written as spool-directory of %s in lifeboat.yaml".formatted(cluster));
        }
        FileStore store = Files.getFileStore(existing);
        requireRoom(cluster, needed(bytes), store.getUsableSpace());
    }

    void requireRoom(String cluster, long needed, long free) {
        if (free < needed) {
            throw new RecoveryFailure(
                    FailureCode.TOO_LITTLE_SPACE,
                    "cannot back up %s: it has additional tablespaces, so its backup is put down in %s on its way, which needs %s, and %s are free"
                            .formatted(cluster, root, Bytes.text(needed), Bytes.text(free)),
                    "free space there, or name a folder on a larger disk as spool-directory of %s in lifeboat.yaml"
                            .formatted(cluster));
        }
    }

    /** What a tar adds to its files, and what is written meanwhile. */
    static long needed(long bytes) {
        return bytes + bytes / 20 + SPARE;
    }

    /** A folder for one backup, which {@code pg_basebackup} makes itself. */
    Path begin(String id) throws IOException {
        clear();
        FileTrees.makePrivate(root, owner);
        return root.resolve(id);
    }

    /** The tars of additional tablespaces by OID; {@code base.tar} is none. */
    static TreeMap<String, Path> tablespaces(Path folder) throws IOException {
        TreeMap<String, Path> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.getFileName().toString().endsWith(TAR))
                    .filter(file -> !file.equals(base(folder)))
                    .forEach(file -> found.put(file.getFileName().toString().replace(TAR, ""), file));
        }
        return found;
    }

    static Path base(Path folder) {
        return folder.resolve(BASE);
    }

    /**
     * Reads what {@code pg_basebackup} says until it ends. It says how far it is every second, through a pipe: so it ends
     * with the worker, and does not go on writing what nobody will read.
     *
     * @return what it said besides, its last words at most
     */
    static String follow(Process process, Watch watch) throws IOException {
        StringBuilder said = new StringBuilder();
        try (BufferedReader words =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = words.readLine(); line != null; line = words.readLine()) {
                Progress progress = progress(line.strip());
                if (progress != null) {
                    watch.progress(progress);
                } else if (!line.isBlank()) {
                    said.append(line.strip()).append('\n');
                    said.delete(0, Math.max(0, said.length() - 600));
                }
            }
        }
        return said.toString().strip();
    }

    static @Nullable Progress progress(String line) {
        Matcher matcher = PROGRESS.matcher(line);
        return matcher.matches()
                ? new Progress(
                        "putting the backup down on disk",
                        Long.parseLong(matcher.group(1)) << 10,
                        Long.parseLong(matcher.group(2)) << 10,
                        "bytes")
                : null;
    }

    /** Everything that a base backup of this cluster copies. */
    static long sizeOf(ServerFacts server, Path dataDirectory) throws IOException {
        long elsewhere = server.tablespaces().stream()
                .filter(each -> !each.liesInDataDirectory())
                .mapToLong(Tablespace::bytes)
                .sum();
        return elsewhere + DiskUse.of(dataDirectory, dataDirectory.resolve("pg_wal"));
    }
}
