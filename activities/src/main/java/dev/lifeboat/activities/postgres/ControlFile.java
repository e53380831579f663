package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code pg_controldata} says of a data directory; the server may be running or not. */
record ControlFile(Map<String, String> lines) {

    /**
     * @throws RecoveryFailure COMMAND_FAILED when there is no control file, or one whose words cannot be trusted
     */
    static ControlFile read(Path pgControldata, ServerUser user, Path dataDirectory) {
        List<String> command = List.of(pgControldata.toString(), "-D", dataDirectory.toString());
        Commands.Result said = Commands.required(user, command, Map.of(), Duration.ofSeconds(20));
        return parse(said.output(), said.errors(), dataDirectory);
    }

    /** {@code pg_controldata} prints a damaged file too, with a warning, and exits with 0. */
    static ControlFile parse(String output, String errors, Path dataDirectory) {
        if ((output + errors).toLowerCase(Locale.ROOT).contains("warning:")) {
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED,
                    "the control file of %s is damaged: its checksum does not match what it holds"
                            .formatted(dataDirectory),
                    "recover the cluster, or see what pg_controldata says of it");
        }
        Map<String, String> lines = new HashMap<>();
        for (String line : output.split("\n")) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                lines.put(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 1).strip());
            }
        }
        return new ControlFile(Map.copyOf(lines));
    }

    String systemId() {
        return get("Database system identifier");
    }

    /** For example {@code in production}, {@code shut down}, {@code in archive recovery}. */
    String state() {
        return get("Database cluster state");
    }

    String catalogVersion() {
        return get("Catalog version number");
    }

    int timeline() {
        return Integer.parseInt(get("Latest checkpoint's TimeLineID"));
    }

    Lsn checkpoint() {
        return Lsn.parse(get("Latest checkpoint location"));
    }

    Lsn redo() {
        return Lsn.parse(get("Latest checkpoint's REDO location"));
    }

    /** {@code 0/0} outside of recovery. */
    Lsn minimumRecoveryEnd() {
        return Lsn.parse(get("Minimum recovery ending location"));
    }

    /** {@code 0} for none, else their version. */
    String dataChecksums() {
        return get("Data page checksum version");
    }

    int blockSize() {
        return Integer.parseInt(get("Database block size"));
    }

    /** Of a relation, which goes on in a file of the next number. */
    long blocksPerFile() {
        return Long.parseLong(get("Blocks per segment of large relation"));
    }

    WalSegmentSize segmentSize() {
        return new WalSegmentSize(Long.parseLong(get("Bytes per WAL segment")));
    }

    /** A setting that recovery must not have smaller, for example {@code max_connections}. */
    int setting(String name) {
        return Integer.parseInt(get(name + " setting"));
    }

    private String get(String key) {
        String value = lines.get(key);
        if (value == null) {
            throw new IllegalStateException("pg_controldata has no line '" + key + "'");
        }
        return value;
    }
}
