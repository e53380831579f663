package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * PostgreSQL's {@code backup_manifest} of a backup whose files it did not send (documentation, "Backup Manifest Format"), so
 * that {@code pg_verifybackup} and every restore can hold them against it. Files may be added by several threads.
 */
final class BackupManifestDraft {

    private static final int WITH_SYSTEM_ID = 170000;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'GMT'").withZone(ZoneOffset.UTC);

    private final Map<String, String> files = new ConcurrentSkipListMap<>();

    void add(String name, BackupManifestFile.Sum sum, Instant modified) {
        files.put(
                name,
                "{ \"Path\": \"%s\", \"Size\": %d, \"Last-Modified\": \"%s\", \"Checksum-Algorithm\": \"CRC32C\", \"Checksum\": \"%s\" }"
                        .formatted(quoted(name), sum.size(), TIME.format(modified), sum.crc32c()));
    }

    /** @param serverVersion as {@code server_version_num}: from 17 on the manifest names the cluster */
    byte[] finish(int serverVersion, String systemId, int timeline, Lsn start, Lsn end) {
        StringBuilder text = new StringBuilder("{ \"PostgreSQL-Backup-Manifest-Version\": ");
        text.append(serverVersion >= WITH_SYSTEM_ID ? "2,\n\"System-Identifier\": %s,\n".formatted(systemId) : "1,\n");
        text.append("\"Files\": [\n").append(String.join(",\n", new TreeMap<>(files).values()));
        text.append("\n],\n\"WAL-Ranges\": [\n{ \"Timeline\": %d, \"Start-LSN\": \"%s\", \"End-LSN\": \"%s\" }\n],\n"
                .formatted(timeline, start, end));
        // The sum is that of everything before its own line.
        String sum = sha256(text.toString().getBytes(StandardCharsets.UTF_8));
        text.append("\"Manifest-Checksum\": \"").append(sum).append("\"}\n");
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String quoted(String name) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(name));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
