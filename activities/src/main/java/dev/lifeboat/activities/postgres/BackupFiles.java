package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of a running server's data directory belongs into a base backup: the lists of basebackup.c, which leaves out what
 * recovery makes anew, what belongs to this one process, and what nobody may find in a copy.
 *
 * @param folders parents first
 * @param files   without {@code global/pg_control}, which comes last
 */
record BackupFiles(List<Entry> folders, List<Entry> files) {

    /** @param name relative to the data directory, with slashes; there may be a million of them */
    record Entry(String name, long size, int mode, int uid, int gid, long modifiedSeconds) {}

    private static final Set<String> EMPTIED = Set.of(
            "pg_stat_tmp", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots", "pg_subtrans");
    private static final Set<String> FILES = Set.of(
            "postgresql.auto.conf.tmp",
            "current_logfiles.tmp",
            "backup_label",
            "tablespace_map",
            "backup_manifest",
            "postmaster.pid",
            "postmaster.opts");
    private static final String CACHE = "pg_internal.init";
    private static final String TEMPORARY = "pgsql_tmp";
    private static final String WAL = "pg_wal";
    /** Of these the server wants the folder, and makes what is in it. */
    private static final Set<String> IN_WAL = Set.of("archive_status", "summaries");

    private static final Pattern DATABASE = Pattern.compile("base/\\d+");
    private static final Pattern OF_RELATION = Pattern.compile("(\\d+)(?:_(fsm|vm|init))?(?:\\.\\d+)?");
    private static final Pattern OF_SESSION = Pattern.compile("t\\d+_\\d+(?:_(?:fsm|vm|init))?(?:\\.\\d+)?");
    private static final int LINK = 0120000;
    private static final int FOLDER = 0040000;
    private static final int FILE = 0100000;
    private static final int KIND = 0170000;

    /**
     * Files come and go meanwhile; one that is gone is not missed, since WAL says so too.
     *
     * @throws RecoveryFailure DATA_DIRECTORY_UNUSABLE where a file has a name that cannot be spelled in this locale
     */
    static BackupFiles of(Path dataDirectory) throws IOException {
        BackupFiles found = new BackupFiles(new ArrayList<>(), new ArrayList<>());
        found.visit(dataDirectory, "");
        return found;
    }

    private void visit(Path folder, String name) throws IOException {
        Set<String> names = namesIn(folder);
        Set<String> unlogged = DATABASE.matcher(name).matches() ? unlogged(names) : Set.of();
        for (String each : names) {
            String full = name.isEmpty() ? each : name + "/" + each;
            if (isLeftOut(full, each, unlogged)) {
                continue;
            }
            try {
                visitEntry(folder.resolve(each), full);
            } catch (NoSuchFileException | NotDirectoryException e) {
                // Dropped between the list and the look.
            }
        }
    }

    private void visitEntry(Path path, String name) throws IOException {
        Entry entry = read(path, name);
        int kind = entry.mode & KIND;
        if (name.equals(WAL)) {
            folders.add(kind == LINK ? read(path.toRealPath(), name) : entry);
            for (String inside : new TreeSet<>(IN_WAL)) {
                Path child = path.resolve(inside);
                if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
                    folders.add(read(child, name + "/" + inside));
                }
            }
        } else if (kind == FOLDER) {
            folders.add(entry);
            if (!EMPTIED.contains(name)) {
                visit(path, name);
            }
        } else if (kind == FILE && !name.equals(BaseBackupManifest.CONTROL_FILE)) {
            files.add(entry);
        }
    }

    static Entry read(Path path, String name) throws IOException {
        Map<String, Object> facts =
                Files.readAttributes(path, "unix:size,mode,uid,gid,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
        return new Entry(
                name,
                number(facts, "size").longValue(),
                number(facts, "mode").intValue(),
                number(facts, "uid").intValue(),
                number(facts, "gid").intValue(),
                ((FileTime) Objects.requireNonNull(facts.get("lastModifiedTime"))).to(TimeUnit.SECONDS));
    }

    private static Number number(Map<String, Object> facts, String name) {
        return (Number) Objects.requireNonNull(facts.get(name));
    }

    private static boolean isLeftOut(String full, String name, Set<String> unlogged) {
        if (FILES.contains(name) || name.startsWith(CACHE) || name.startsWith(TEMPORARY)) {
            return true;
        }
        Matcher relation = OF_RELATION.matcher(name);
        boolean inDatabase = full.startsWith("base/");
        return inDatabase && OF_SESSION.matcher(name).matches()
                || relation.matches() && unlogged.contains(relation.group(1)) && !"init".equals(relation.group(2));
    }

    /** Those with an initialization fork, from which recovery makes the others anew, empty. */
    private static Set<String> unlogged(Set<String> names) {
        Set<String> found = new HashSet<>();
        for (String name : names) {
            Matcher matcher = OF_RELATION.matcher(name);
            if (matcher.matches() && "init".equals(matcher.group(2))) {
                found.add(matcher.group(1));
            }
        }
        return found;
    }

    private static Set<String> namesIn(Path folder) throws IOException {
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(entry -> names.add(spelled(folder, entry)));
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** A name that Java cannot spell leads to no file, and would look like one that was dropped meanwhile. */
    private static String spelled(Path folder, Path entry) {
        String name = String.valueOf(entry.getFileName());
        if (!leadsTo(entry, folder, name)) {
            throw unspelled(folder.toString(), name);
        }
        return name;
    }

    static RecoveryFailure unspelled(String where, String name) {
        return new RecoveryFailure(
                FailureCode.DATA_DIRECTORY_UNUSABLE,
                "cannot back up %s: it holds a file whose name this worker cannot spell, '%s' or like it, and the backup would lack it"
                        .formatted(where, name),
                "start the worker in a UTF-8 locale, for example with LC_ALL=C.UTF-8; where the name itself is no UTF-8,"
                        + " move that file out of the data directory, as it is not PostgreSQL's");
    }

    private static boolean leadsTo(Path entry, Path folder, String name) {
        try {
            return folder.resolve(name).equals(entry);
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
