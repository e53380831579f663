package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A note in the workspace of a throw-away server that was left running for a person.
 *
 * @param keptUntil from then on {@code lifeboat cleanup} ends it and removes it
 * @param address   how it is reached
 */
record KeptServer(int format, String dump, Instant keptUntil, String address) {

    private static final String NOTE = "kept";

    static Optional<KeptServer> of(Path workspace) throws IOException {
        Path note = workspace.resolve(NOTE + ".note");
        return Files.exists(note)
                ? Optional.of(Json.read(Files.readAllBytes(note), KeptServer.class, note.toString()))
                : Optional.empty();
    }

    void write(RecoveryWorkspace workspace) {
        workspace.write(NOTE, new String(Json.write(this), StandardCharsets.UTF_8));
    }

    /** By this host's clock and by the store's: one that was set wrong must not end what a person looks at. */
    boolean isDue(Instant here, Supplier<Optional<Instant>> theirs) {
        return keptUntil.isBefore(here) && theirs.get().map(keptUntil::isBefore).orElse(true);
    }
}
