package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.Fence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** A real server, a bucket in memory, and the access that a worker would have. */
final class BackupWorld implements AutoCloseable {

    static final Fence FENCE = new Fence("main", 1, "run-1");

    static final Watch NOBODY = new Watch() {
        @Override
        public void progress(Progress now) {}

        @Override
        public void check() {}
    };

    final LabPostgres server;
    final InMemoryObjectStore store = new InMemoryObjectStore();
    final Path folder;

    private BackupWorld(Path folder, LabPostgres server) {
        this.folder = folder;
        this.server = server;
    }

    static BackupWorld start(String settings, String... initdbOptions) throws IOException {
        Path folder = Files.createTempDirectory("lifeboat-backup");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new BackupWorld(
                folder,
                LabPostgres.in(folder.resolve("pg"))
                        .debianLayout()
                        .settings(settings)
                        .initdbOptions(initdbOptions)
                        .start());
    }

    ClusterAccess access() {
        return new ClusterAccess(server.config(), store, fence -> {}, Map.of(), "1@here");
    }

    String systemId() {
        return access().controlFile().systemId();
    }

    @Override
    public void close() throws IOException {
        server.close();
        FileTrees.delete(folder);
    }
}
