package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A data directory that was set aside on purpose, described by a small file beside it.
 *
 * @param path      of the directory
 * @param runId     the run that set it aside
 * @param keptUntil from then on {@code lifeboat cleanup} may remove it
 * @param tablespaces folders that belong to it, which go with it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record KeptDirectory(int format, String what, String path, String runId, Instant keptUntil, List<String> tablespaces) {

    KeptDirectory {
        tablespaces = orNone(tablespaces);
    }

    KeptDirectory(int format, String what, String path, String runId, Instant keptUntil) {
        this(format, what, path, runId, keptUntil, List.of());
    }

    private static final String SUFFIX = ".lifeboat.json";

    /**
     * Whether its date is over, by this host's clock and by the store's: one that was set wrong must not remove what was
     * to be kept.
     *
     * @param theirs asked only when it is over here
     */
    boolean isDue(Instant here, Supplier<Optional<Instant>> theirs) {
        return keptUntil.isBefore(here) && theirs.get().map(keptUntil::isBefore).orElse(true);
    }

    Path note() {
        return Path.of(path + SUFFIX);
    }

    void write(ServerUser user) throws IOException {
        FileTrees.replace(note(), new String(Json.write(this), StandardCharsets.UTF_8), user);
    }

    /** The directory and what belongs to it; the note, without which nobody finds it again, goes last. */
    void remove() throws IOException {
        for (String tablespace : tablespaces) {
            Path folder = Path.of(tablespace);
            FileTrees.delete(folder);
            CopyTablespaces.removeIfEmpty(folder.getParent());
        }
        FileTrees.delete(Path.of(path));
        FileTrees.delete(note());
    }

    private static List<String> orNone(@Nullable List<String> read) {
        return read == null ? List.of() : List.copyOf(read);
    }

    static KeptDirectory read(Path note) throws IOException {
        return Json.read(Files.readAllBytes(note), KeptDirectory.class, note.toString());
    }

    static Path noteOf(String path) {
        return Path.of(path + SUFFIX);
    }

    /** Those of this cluster; only they may ever be removed. */
    static List<KeptDirectory> of(PostgresCluster cluster) throws IOException {
        Path live = cluster.dataDirectory();
        List<KeptDirectory> found = new ArrayList<>();
        try (DirectoryStream<Path> notes = Files.newDirectoryStream(live.resolveSibling(""), path -> {
            String name = path.getFileName().toString();
            return name.startsWith(live.getFileName() + ".before-") && name.endsWith(SUFFIX);
        })) {
            for (Path note : notes) {
                KeptDirectory kept = read(note);
                if (kept.note().equals(note)) {
                    found.add(kept);
                }
            }
        }
        return found;
    }
}
