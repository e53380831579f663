package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Picks out of a passing backup what its own manifest must say: from {@code backup_label} where it starts, from
 * PostgreSQL's {@code backup_manifest} where it ends, from {@code pg_control} whose it is.
 */
final class BackupEnds {

    private static final Pattern START = Pattern.compile("START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+) ");
    private static final Pattern TIMELINE = Pattern.compile("START TIMELINE: (\\d+)");
    private static final Pattern END = Pattern.compile("\"End-LSN\": *\"([0-9A-F]+/[0-9A-F]+)\"");
    private static final int TAIL = 64 << 10;

    private final ByteArrayOutputStream label = new ByteArrayOutputStream();
    private final ByteArrayOutputStream control = new ByteArrayOutputStream();
    private byte[] manifestTail = new byte[0];

    void see(String entry, byte[] bytes, int length) {
        switch (entry) {
            case "backup_label" -> label.write(bytes, 0, length);
            case BaseBackupManifest.CONTROL_FILE -> control.write(bytes, 0, length);
            case BaseBackupManifest.BACKUP_MANIFEST -> {
                byte[] joined = Arrays.copyOf(manifestTail, manifestTail.length + length);
                System.arraycopy(bytes, 0, joined, manifestTail.length, length);
                manifestTail = Arrays.copyOfRange(joined, Math.max(0, joined.length - TAIL), joined.length);
            }
            default -> {
                // Only these three say where a backup belongs.
            }
        }
    }

    Lsn start() {
        return Lsn.parse(find(START, text(label.toByteArray()), "backup_label"));
    }

    int timeline() {
        return Integer.parseInt(find(TIMELINE, text(label.toByteArray()), "backup_label"));
    }

    /** Of the last range: WAL up to here makes the copy consistent. */
    Lsn end() {
        Matcher matcher = END.matcher(text(manifestTail));
        String last = null;
        while (matcher.find()) {
            last = matcher.group(1);
        }
        if (last == null) {
            throw incomplete(BaseBackupManifest.BACKUP_MANIFEST);
        }
        return Lsn.parse(last);
    }

    String systemId() {
        if (control.size() < Long.BYTES) {
            throw incomplete(BaseBackupManifest.CONTROL_FILE);
        }
        return Long.toUnsignedString(ByteBuffer.wrap(control.toByteArray())
                .order(ByteOrder.nativeOrder())
                .getLong());
    }

    private static String find(Pattern pattern, String text, String file) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw incomplete(file);
        }
        return matcher.group(1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static RecoveryFailure incomplete(String file) {
        return new RecoveryFailure(
                FailureCode.UNEXPECTED_STATE,
                "the backup that pg_basebackup wrote has no usable " + file,
                "check that bin-directory in lifeboat.yaml has the programs of the server's own version");
    }
}
