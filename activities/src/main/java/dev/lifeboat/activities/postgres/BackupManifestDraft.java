package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.lifeboat.activities.postgres.BackupManifestFile.Sum;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * PostgreSQL's {@code backup_manifest} of a backup whose files it did not send (documentation, "Backup Manifest Format"), so
 * that {@code pg_verifybackup} and every restore can hold them against it. Files may be added by several threads. Its text
 * is never whole in memory: a cluster of many small tables has more of it than of anything else.
 */
final class BackupManifestDraft {

    private static final int WITH_SYSTEM_ID = 170000;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'GMT'").withZone(ZoneOffset.UTC);

    private final ConcurrentLinkedQueue<Noted> files = new ConcurrentLinkedQueue<>();

    private record Noted(String name, long size, int crc, long modifiedSeconds) {}

    void add(String name, Sum sum, long modifiedSeconds) {
        files.add(new Noted(name, sum.size(), HexFormat.fromHexDigits(sum.crc32c()), modifiedSeconds));
    }

    /**
     * What is needed beside the files.
     *
     * @param serverVersion as {@code server_version_num}: from 17 on the manifest names the cluster
     */
    record Frame(int serverVersion, String systemId, int timeline, Lsn start, Lsn end) {}

    /** Takes the text piece by piece, in order. */
    interface Sink {
        void accept(byte[] piece) throws IOException;
    }

    /** Begins with the size of what follows, and gives the same text with every call while nothing is added. */
    long size(Frame frame) throws IOException {
        long[] size = {0};
        write(frame, piece -> size[0] += piece.length);
        return size[0];
    }

    void write(Frame frame, Sink out) throws IOException {
        MessageDigest digest = sha256();
        Sink summed = piece -> {
            digest.update(piece);
            out.accept(piece);
        };
        List<Noted> sorted =
                files.stream().sorted(Comparator.comparing(Noted::name)).toList();
        summed.accept(bytes(head(frame)));
        for (int i = 0; i < sorted.size(); i++) {
            summed.accept(bytes(line(sorted.get(i)) + (i + 1 < sorted.size() ? ",\n" : "")));
        }
        summed.accept(
                bytes("\n],\n\"WAL-Ranges\": [\n{ \"Timeline\": %d, \"Start-LSN\": \"%s\", \"End-LSN\": \"%s\" }\n],\n"
                        .formatted(frame.timeline(), frame.start(), frame.end())));
        // The sum is that of everything before its own line.
        out.accept(bytes("\"Manifest-Checksum\": \"" + HexFormat.of().formatHex(digest.digest()) + "\"}\n"));
    }

    private static String head(Frame frame) {
        return "{ \"PostgreSQL-Backup-Manifest-Version\": "
                + (frame.serverVersion() >= WITH_SYSTEM_ID
                        ? "2,\n\"System-Identifier\": %s,\n".formatted(frame.systemId())
                        : "1,\n")
                + "\"Files\": [\n";
    }

    private static String line(Noted file) {
        return "{ \"Path\": \"" + new String(JsonStringEncoder.getInstance().quoteAsString(file.name()))
                + "\", \"Size\": " + file.size()
                + ", \"Last-Modified\": \"" + TIME.format(Instant.ofEpochSecond(file.modifiedSeconds()))
                + "\", \"Checksum-Algorithm\": \"CRC32C\", \"Checksum\": \""
                + HexFormat.of().toHexDigits(file.crc()) + "\" }";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
