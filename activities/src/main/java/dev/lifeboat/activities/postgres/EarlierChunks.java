package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.Version;
import dev.lifeboat.activities.store.StoredData;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/**
 * What a damaged or lost chunk of a base backup was before somebody overwrote or removed it, where the bucket keeps that:
 * the manifest's digest tells it from every other content. What was taken so is said in the report.
 */
final class EarlierChunks {

    private static final String NOTE = "replaced-chunks";

    private final RecoveryWorkspace workspace;
    private final ObjectStore store;
    private final DataObjects data;

    EarlierChunks(RecoveryWorkspace workspace, ObjectStore store) {
        this.workspace = workspace;
        this.store = store;
        this.data = DataObjects.of(store);
    }

    /** The newest version with this digest; read as a whole once, since what is unpacked is written to the copy. */
    Optional<Version> find(String key, Chunk chunk) throws IOException {
        for (Version version : versions(key)) {
            try (StoredData stored = data.open(key, version)) {
                stored.transferTo(OutputStream.nullOutputStream());
                if (stored.sha256().equals(chunk.sha256())) {
                    return Optional.of(version);
                }
            } catch (RecoveryFailure e) {
                Transcript.note("version %s of %s: %s".formatted(version.id(), key, e.getMessage()));
            }
        }
        return Optional.empty();
    }

    StoredData open(String key, Version version) {
        return data.open(key, version);
    }

    /** It must not take the place of what is wrong with the chunk. */
    private List<Version> versions(String key) {
        try {
            return store.earlierVersions(key);
        } catch (RecoveryFailure e) {
            Transcript.note("the earlier versions of %s are not known: %s".formatted(key, e.getMessage()));
            return List.of();
        }
    }

    synchronized void taken(String key, Version version, String wrong) {
        String line = "chunk %s of the base backup was taken in its version %s of %s, since it is not intact: %s"
                .formatted(store.addressOf(key), version.id(), version.at(), wrong.replace('\n', ' '));
        Transcript.note(line);
        String before = workspace.has(NOTE) ? workspace.read(NOTE) : "";
        if (before.lines().noneMatch(line::equals)) {
            workspace.write(NOTE, before + line + "\n");
        }
    }

    /** By all attempts on this copy. */
    static List<Finding> findings(RecoveryWorkspace workspace) {
        return workspace.has(NOTE)
                ? workspace
                        .read(NOTE)
                        .lines()
                        .filter(line -> !line.isBlank())
                        .map(line -> new Finding(
                                "high",
                                line,
                                "make that version the newest again, and look who wrote or removed the object"))
                        .toList()
                : List.of();
    }
}
