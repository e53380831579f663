package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * When the worker last saw the live cluster commit: what a lost data directory cost is measured against it. A help for
 * the report only, so it is written without a sync and its loss is no error.
 */
final class LastSight {

    private static final String NAME = "last-commit-seen";

    private LastSight() {}

    static void write(LifeboatFolder folder, ServerUser user, Instant commit) {
        Path file = folder.root().resolve(NAME);
        Path fresh = folder.root().resolve(NAME + ".new");
        try {
            if (!Files.isDirectory(folder.root())) {
                return;
            }
            Files.writeString(fresh, commit + "\n", StandardCharsets.US_ASCII);
            user.own(fresh);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // The next marker is tried again; a report without it says less, not something wrong.
        }
    }

    static Optional<Instant> read(LifeboatFolder folder) {
        Path file = folder.root().resolve(NAME);
        try {
            return Files.exists(file)
                    ? Optional.of(Instant.parse(
                            Files.readString(file, StandardCharsets.US_ASCII).strip()))
                    : Optional.empty();
        } catch (IOException | DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
