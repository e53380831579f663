package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DumpBytes;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Compression;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Format;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Finds out from the first bytes what a dump is, whatever its name says. */
final class DumpSniffer {

    private static final int HEAD = 4096;
    private static final int TOC_FORMAT = 10;
    private static final int TAR_BLOCK = 512;
    private static final byte CUSTOM = 1;
    private static final byte TAR = 3;
    private static final String TOC = "toc.dat";
    /** One that is packed more often was made by nobody's backup. */
    private static final int MOST_LAYERS = 3;

    private DumpSniffer() {}

    /**
     * @param plain what the layers of compression held, from its first byte on
     */
    record Opened(InputStream plain, DumpBytes bytes) {}

    /**
     * Takes the layers of compression off.
     *
     * @param stored    decrypted already, where it was encrypted
     * @param encrypted whether it was
     * @param name      for people
     * @throws RecoveryFailure DUMP_UNUSABLE where these are not the bytes of a dump of one database
     */
    static Opened open(InputStream stored, boolean encrypted, String name) throws IOException {
        List<Compression> layers = new ArrayList<>();
        BufferedInputStream in = new BufferedInputStream(stored, 64 << 10);
        byte[] head = peek(in);
        requirePlain(head, name);
        while (layers.size() < MOST_LAYERS) {
            if (isZstd(head)) {
                layers.add(Compression.ZSTD);
                in = new BufferedInputStream(Zstandard.decompressing(in), 256 << 10);
            } else if (isGzip(head)) {
                layers.add(Compression.GZIP);
                in = new BufferedInputStream(new GZIPInputStream(in, 64 << 10), 256 << 10);
            } else {
                break;
            }
            head = peek(in);
        }
        return new Opened(in, new DumpBytes(formatOf(head, name), List.copyOf(layers), encrypted));
    }

    /** What Lifeboat itself encrypted is decrypted by the name that it was stored under. */
    private static void requirePlain(byte[] head, String name) {
        if (startsWith(head, 0, "LIFEBOAT ENC ")) {
            throw unusable(
                    name,
                    "it is encrypted by Lifeboat, and its name does not end with .enc, or it does not lie in the bucket",
                    "give the object its name back and name it by its s3:// address; a file is decrypted by hand as HOW-TO-RESTORE-WITHOUT-LIFEBOAT.md in the bucket tells");
        }
    }

    /** What a file's first bytes, without any compression, are. */
    static Format formatOf(byte[] head, String name) {
        if (startsWith(head, 0, "PGDMP")) {
            byte format = head.length > TOC_FORMAT ? head[TOC_FORMAT] : 0;
            if (format == CUSTOM) {
                return Format.CUSTOM;
            }
            throw unusable(name, "it is the table of contents of a dump, without the dump", "give the whole of it");
        }
        if (startsWith(head, 257, "ustar")) {
            // A tar archive begins with its table of contents; of a folder in a tar, it lies in the folder.
            boolean toc = startsWith(head, 0, TOC + '\0') && startsWith(head, TAR_BLOCK, "PGDMP");
            return toc ? Format.TAR : Format.DIRECTORY;
        }
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.contains("PostgreSQL database cluster dump")) {
            throw unusable(
                    name,
                    "it is a dump of a whole cluster (pg_dumpall), which would change other databases too",
                    "run it by hand into a new, empty cluster with psql");
        }
        if (head.length == 0) {
            throw unusable(name, "it is empty", "take another one; 'lifeboat backups' lists those that are whole");
        }
        if (isText(head)) {
            return Format.SQL;
        }
        throw unusable(
                name,
                "its first bytes are those of no dump that pg_dump makes: %s".formatted(hex(head)),
                "check what it is with 'file', or take another one; 'lifeboat backups' lists those that are whole");
    }

    /** PostgreSQL writes the table of contents of a directory as it writes that of a tar (pg_backup_directory.c). */
    static boolean isDirectoryToc(byte[] head) {
        return startsWith(head, 0, "PGDMP") && head.length > TOC_FORMAT && head[TOC_FORMAT] == TAR;
    }

    static RecoveryFailure unusable(String name, String why, String hint) {
        return new RecoveryFailure(FailureCode.DUMP_UNUSABLE, "cannot restore %s: %s".formatted(name, why), hint);
    }

    private static byte[] peek(BufferedInputStream in) throws IOException {
        in.mark(HEAD + 1);
        byte[] head = new byte[HEAD];
        int count = in.readNBytes(head, 0, HEAD);
        in.reset();
        return Arrays.copyOf(head, count);
    }

    /** A frame, or one of those that a decoder passes over. */
    private static boolean isZstd(byte[] head) {
        if (head.length < 4) {
            return false;
        }
        boolean frame = (head[0] & 0xFF) == 0x28
                && (head[1] & 0xFF) == 0xB5
                && (head[2] & 0xFF) == 0x2F
                && (head[3] & 0xFF) == 0xFD;
        boolean skippable = (head[0] & 0xF0) == 0x50
                && (head[1] & 0xFF) == 0x2A
                && (head[2] & 0xFF) == 0x4D
                && (head[3] & 0xFF) == 0x18;
        return frame || skippable;
    }

    private static boolean isGzip(byte[] head) {
        return head.length > 2 && (head[0] & 0xFF) == 0x1F && (head[1] & 0xFF) == 0x8B;
    }

    private static boolean isText(byte[] head) {
        for (byte each : head) {
            int value = each & 0xFF;
            if (value == 127 || value < 32 && value != '\n' && value != '\r' && value != '\t' && value != '\f') {
                return false;
            }
        }
        return true;
    }

    private static boolean startsWith(byte[] head, int from, String what) {
        byte[] wanted = what.getBytes(StandardCharsets.US_ASCII);
        return head.length >= from + wanted.length
                && Arrays.equals(head, from, from + wanted.length, wanted, 0, wanted.length);
    }

    private static String hex(byte[] head) {
        return java.util.HexFormat.ofDelimiter(" ").formatHex(head, 0, Math.min(8, head.length));
    }
}
