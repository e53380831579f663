package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.BackupFiles.Entry;
import dev.lifeboat.activities.postgres.BaseBackupManifest.OutsideFile;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What makes a backup one: its label, the control file, PostgreSQL's manifest, and the configuration from elsewhere. */
final class LastChunk {

    private static final String LABEL = "backup_label";
    private static final int FILE = 0100600;

    private final ClusterAccess access;
    private final ServerFacts server;
    private final FileReading reading;
    private final BackupEnds ends = new BackupEnds();

    LastChunk(ClusterAccess access, ServerFacts server, FileReading reading) {
        this.access = access;
        this.server = server;
        this.reading = reading;
    }

    BackupCopy.Ends write(ChunkPacker packer, Lsn start, BackupSession.Ended ended) throws IOException {
        Path path = access.cluster().dataDirectory().resolve(BaseBackupManifest.CONTROL_FILE);
        Entry control = BackupFiles.read(path, BaseBackupManifest.CONTROL_FILE);
        add(like(control, LABEL), ended.label().getBytes(StandardCharsets.UTF_8), packer);
        add(control, FileReading.controlFile(path), packer);
        if (!ends.start().equals(start)) {
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED,
                    "cannot back up %s: pg_backup_start said that it begins at %s, and its label says %s"
                            .formatted(access.cluster().name(), start, ends.start()),
                    "it is tried again");
        }
        reading.addManifest(
                like(control, BaseBackupManifest.BACKUP_MANIFEST),
                new BackupManifestDraft.Frame(server.version(), ends.systemId(), ends.timeline(), start, ended.end()),
                packer);
        return new BackupCopy.Ends(ends.systemId(), ends.timeline(), start, ended.end());
    }

    /** The server's configuration files that are not in its data directory. */
    List<OutsideFile> writeOutside(ChunkPacker packer) throws IOException {
        List<OutsideFile> outside = new ArrayList<>();
        for (Path file : server.outside()) {
            String name = BaseBackupManifest.OUTSIDE_FOLDER + outside.size() + "-" + file.getFileName();
            reading.add(like(BackupFiles.read(file.toRealPath(), name), name), Files.readAllBytes(file), packer);
            outside.add(new OutsideFile(file.toString(), name));
        }
        return List.copyOf(outside);
    }

    private void add(Entry entry, byte[] content, ChunkPacker packer) throws IOException {
        ends.see(entry.name(), content, content.length);
        reading.add(entry, content, packer);
    }

    private static Entry like(Entry other, String name) {
        return new Entry(name, other.size(), FILE, other.uid(), other.gid(), other.modifiedSeconds());
    }
}
