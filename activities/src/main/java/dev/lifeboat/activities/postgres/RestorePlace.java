package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Json;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreOrder;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where restores of one database keep their notes, their lock and what they put down. */
record RestorePlace(ClusterAccess access, String database) {

    static Path notes(ClusterAccess access) {
        return access.folder().root().resolve("restores");
    }

    private Path noteFile() {
        return notes(access).resolve(named() + ".json");
    }

    private String named() {
        // A database's name may have a slash in it.
        return URLEncoder.encode(database, StandardCharsets.UTF_8);
    }

    DumpSpool spool() {
        Path root = access.cluster().spoolDirectory() == null
                ? access.folder().root()
                : access.cluster().spoolDirectory();
        return new DumpSpool(root.resolve("dump-" + named()), access.user());
    }

    WorkspaceLock lock() throws IOException {
        FileTrees.makePrivate(notes(access), access.user());
        return WorkspaceLock.take(notes(access).resolve(named() + ".lock"), access.user());
    }

    /** Empty where there is none of this run. */
    Optional<RestoreNote> note(DumpRestoreOrder order) throws IOException {
        if (!Files.exists(noteFile())) {
            return Optional.empty();
        }
        RestoreNote note = Json.read(
                Files.readAllBytes(noteFile()), RestoreNote.class, noteFile().toString());
        return Optional.of(note)
                .filter(found -> found.runId().equals(order.fence().runId()));
    }

    /** Durable when it returns. */
    void write(RestoreNote note) throws IOException {
        FileTrees.makePrivate(notes(access), access.user());
        FileTrees.replace(noteFile(), new String(Json.write(note), StandardCharsets.UTF_8), access.user());
    }
}
