package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.BaseBackupManifest.OutsideFile;
import dev.lifeboat.activities.postgres.BaseBackupManifest.Place;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Tablespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One run of {@code pg_basebackup}, cut into chunks on its way to the bucket. */
final class StreamedBackup {

    private final ClusterAccess access;
    private final ChunkWriter writer;
    private final Watch watch;

    /** @param watch is told the plain bytes that were copied so far */
    StreamedBackup(ClusterAccess access, ChunkWriter writer, Watch watch) {
        this.access = access;
        this.writer = writer;
        this.watch = watch;
    }

    BackupCopy take(BackupPassage passing) throws IOException, InterruptedException {
        Map<String, Place> tablespaces =
                passing.server().tablespaces().isEmpty() ? directly(passing) : overSpool(passing);
        BackupEnds ends = passing.ends();
        List<OutsideFile> outside = passing.outside();
        return new BackupCopy(
                new BackupCopy.Ends(ends.systemId(), ends.timeline(), ends.start(), ends.end()),
                passing.copiedAt(),
                passing.bytes(),
                outside,
                tablespaces,
                writer.finish(),
                Map.of("pg_basebackup", passing.server().clientVersion()),
                "pg_basebackup exited with 0");
    }

    /** The tar stream as PostgreSQL sends it, with no copy on disk. */
    private Map<String, Place> directly(BackupPassage passing) throws IOException, InterruptedException {
        BackupProgram program = new BackupProgram(access);
        Path errors = Files.createTempFile("lifeboat-basebackup", ".err");
        Process process = program.toStandardOutput(passing.id(), errors);
        try (ProcessGuard guard = new ProcessGuard(process, watch)) {
            passing.tar(process.getInputStream());
            if (process.waitFor() != 0) {
                throw new IOException("pg_basebackup failed");
            }
            passing.copied();
            return Map.of();
        } catch (IOException e) {
            // A broken stream is most often pg_basebackup's end, and its own words say more.
            process.destroy();
            process.waitFor();
            watch.check();
            throw program.failed(process, Files.readString(errors).strip(), e);
        } finally {
            process.destroyForcibly();
            Transcript.quote("pg_basebackup said", Files.readString(errors, StandardCharsets.UTF_8));
            Files.deleteIfExists(errors);
        }
    }

    /** Tablespace by tablespace, the data directory last, PostgreSQL's manifest at the very end. */
    private Map<String, Place> overSpool(BackupPassage passing) throws IOException, InterruptedException {
        BackupSpool spool = BackupSpool.of(access);
        spool.requireRoom(
                access.cluster().name(),
                BackupSpool.sizeOf(passing.server(), access.cluster().dataDirectory()));
        try {
            Path folder = spool.begin(passing.id());
            putDown(passing.id(), folder);
            passing.copied();
            Map<String, Path> tars = BackupSpool.tablespaces(folder);
            Map<String, Place> places = places(passing.server(), tars);
            for (Map.Entry<String, Path> each : tars.entrySet()) {
                passing.tar(each.getKey(), each.getValue());
            }
            passing.tar("", BackupSpool.base(folder));
            passing.file(folder.resolve(BaseBackupManifest.BACKUP_MANIFEST));
            return places;
        } finally {
            spool.clear();
        }
    }

    private void putDown(String id, Path folder) throws IOException, InterruptedException {
        BackupProgram program = new BackupProgram(access);
        Process process = program.toFolder(id, folder);
        try (ProcessGuard guard = new ProcessGuard(process, watch)) {
            String words = BackupSpool.follow(process, watch);
            Transcript.quote("pg_basebackup said", words);
            if (process.waitFor() != 0) {
                watch.check();
                throw program.failed(process, words, new IOException("pg_basebackup failed"));
            }
        } finally {
            process.destroyForcibly();
        }
    }

    /** One that was made or dropped meanwhile is known from before or after; one that is missing altogether is no backup. */
    private Map<String, Place> places(ServerFacts before, Map<String, Path> tars) throws IOException {
        Map<String, Tablespace> known = new HashMap<>();
        List<Tablespace> after = ServerFacts.tablespacesNow(access);
        after.forEach(each -> known.put(each.oid(), each));
        for (Tablespace each : before.tablespaces()) {
            if (known.put(each.oid(), each) != null && !tars.containsKey(each.oid())) {
                throw incomplete("tablespace %s (%s) is in use, and pg_basebackup wrote no tar of it"
                        .formatted(each.name(), each.oid()));
            }
        }
        Map<String, Place> places = new TreeMap<>();
        for (Map.Entry<String, Path> tar : tars.entrySet()) {
            Tablespace tablespace = known.get(tar.getKey());
            if (tablespace == null) {
                throw incomplete("pg_basebackup wrote a tar of tablespace %s, which the server does not know"
                        .formatted(tar.getKey()));
            }
            places.put(tar.getKey(), new Place(tablespace.name(), tablespace.location(), Files.size(tar.getValue())));
        }
        return places;
    }

    private RecoveryFailure incomplete(String why) {
        return new RecoveryFailure(
                FailureCode.COMMAND_FAILED,
                "cannot back up %s: %s".formatted(access.cluster().name(), why),
                "tablespaces were changed while it ran; it is tried again");
    }
}
