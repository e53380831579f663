package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A database that was replaced, described by a small file in Lifeboat's folder. Only one of this name and of this number is
 * ever removed.
 *
 * @param systemId  of the cluster that it is in: in another one the same number is another database
 * @param keptUntil from then on {@code lifeboat cleanup} may remove it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record KeptDatabase(int format, String name, long oid, String systemId, String runId, Instant keptUntil) {

    private static final String PREFIX = "kept-";
    private static final String SUFFIX = ".json";

    static Path noteOf(ClusterAccess access, String name) {
        return RestorePlace.notes(access).resolve(PREFIX + URLEncoder.encode(name, StandardCharsets.UTF_8) + SUFFIX);
    }

    void write(ClusterAccess access) throws IOException {
        FileTrees.makePrivate(RestorePlace.notes(access), access.user());
        FileTrees.replace(noteOf(access, name), new String(Json.write(this), StandardCharsets.UTF_8), access.user());
    }

    static void forget(ClusterAccess access, String name) throws IOException {
        Files.deleteIfExists(noteOf(access, name));
    }

    /**
     * Removes those whose date is over by this clock and by the store's, and tells of each.
     *
     * @param apply whether to remove, or only to tell
     */
    static void cleanUp(ClusterAccess access, boolean apply, List<String> removed, List<String> kept)
            throws IOException {
        for (KeptDatabase each : of(access)) {
            boolean due = each.isDue(Instant.now(), access.store()::clock);
            String words =
                    "database %s, replaced by a restored one, kept until %s".formatted(each.name(), each.keptUntil());
            boolean there;
            try {
                there = RestoreSession.beside(access, List.of(each.name()), each::isThere);
            } catch (RecoveryFailure unreachable) {
                kept.add(words + "; not looked at: " + unreachable.getMessage());
                continue;
            }
            if (!there) {
                // Renamed back, or removed by its owner: nothing of ours is left.
                if (apply) {
                    forget(access, each.name());
                }
                continue;
            }
            if (due && apply) {
                each.remove(access);
            }
            (due ? removed : kept).add(words);
        }
    }

    private void remove(ClusterAccess access) throws IOException {
        RestoreSession.beside(access, List.of(name), connection -> {
            if (isThere(connection)) {
                RestoreSession.execute(connection, "drop database " + RestoreSession.quoted(name));
            }
            return true;
        });
        forget(access, name);
    }

    private boolean isThere(Connection connection) throws SQLException {
        return RestoreSession.one(
                        connection,
                        "select 1 from pg_database where datname = ? and oid = ?::oid and"
                                + " (select system_identifier::text from pg_control_system()) = ?",
                        name,
                        Long.toString(oid),
                        systemId)
                != null;
    }

    private boolean isDue(Instant here, Supplier<Optional<Instant>> theirs) {
        return keptUntil.isBefore(here) && theirs.get().map(keptUntil::isBefore).orElse(true);
    }

    private static List<KeptDatabase> of(ClusterAccess access) throws IOException {
        Path folder = RestorePlace.notes(access);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<KeptDatabase> found = new ArrayList<>();
        try (DirectoryStream<Path> notes = Files.newDirectoryStream(folder, PREFIX + "*" + SUFFIX)) {
            for (Path note : notes) {
                found.add(Json.read(Files.readAllBytes(note), KeptDatabase.class, note.toString()));
            }
        }
        return found;
    }
}
