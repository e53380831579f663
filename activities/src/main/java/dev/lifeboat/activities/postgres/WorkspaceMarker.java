package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Says whose a recovery workspace is.
 *
 * @param number of the run's fence; a workspace goes to another run only with a greater one of the same target
 * @param bootId of the host when the copy was begun: what was not synced does not outlive it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record WorkspaceMarker(int format, String target, String runId, long number, String bootId) {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final ObjectMapper JSON = new ObjectMapper();

    static WorkspaceMarker read(Path file) throws IOException {
        return JSON.readValue(Files.readAllBytes(file), WorkspaceMarker.class);
    }

    String text() throws IOException {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    }

    WorkspaceMarker bootedAs(String now) {
        return new WorkspaceMarker(format, target, runId, number, now);
    }

    /** Changes with every boot of the host; always the same where the system does not tell. */
    static String currentBoot() throws IOException {
        return Files.isReadable(BOOT_ID) ? Files.readString(BOOT_ID).strip() : "unknown";
    }
}
