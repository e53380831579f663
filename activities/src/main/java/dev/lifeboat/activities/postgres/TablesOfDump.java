package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.Nearest;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.AskedTables;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.UnknownTable;
import dev.lifeboat.workflows.domain.postgres.DumpBytes;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Format;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether the tables that are asked for are in a dump, before anything is made for them. A manifest lists those with
 * rows of their own only, so one that it does not list is looked up in the archive's table of contents: that of a partitioned
 * table is there all the same.
 */
final class TablesOfDump {

    private static final List<String> OTHER_KINDS = List.of("VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE");
    private static final int NEAR = 3;
    private static final int PIECE = 64 << 10;
    private static final Duration LISTING = Duration.ofMinutes(1);
    /** In a packed folder the table of contents may lie anywhere. Behind this nobody waits for it while planning. */
    private static final long FAR = 256L << 20;

    private final ClusterAccess access;
    private final DumpSource source;
    private final DumpBytes bytes;
    private final Watch watch;

    TablesOfDump(ClusterAccess access, DumpSource source, DumpBytes bytes, Watch watch) {
        this.access = access;
        this.source = source;
        this.bytes = bytes;
        this.watch = watch;
    }

    /** Null where there is nothing to say about them, and where only loading can tell. */
    @Nullable AskedTables find(Collection<String> asked, @Nullable DumpManifest manifest)
            throws IOException, InterruptedException {
        if (asked.isEmpty() || bytes.format() == Format.SQL) {
            return null;
        }
        if (manifest != null
                && asked.stream().noneMatch(table -> DumpChecks.only(manifest.facts(), List.of(table))
                        .tables()
                        .isEmpty())) {
            return null;
        }
        String list = list(manifest == null ? StandardCharsets.UTF_8 : ArchiveContents.charset(manifest.encoding()));
        return list == null ? null : of(DumpContents.parse(list), asked);
    }

    static AskedTables of(DumpContents contents, Collection<String> asked) {
        List<String> tables = contents.tables();
        List<UnknownTable> unknown = contents.unknown(asked).stream()
                .map(table -> new UnknownTable(table, kind(contents, table), near(table, tables)))
                .toList();
        List<String> empty = asked.stream()
                .filter(table -> contents.has("TABLE", table) && !contents.has("TABLE DATA", table))
                .toList();
        return new AskedTables(tables.size(), unknown, empty);
    }

    private static String kind(DumpContents contents, String table) {
        return OTHER_KINDS.stream()
                .filter(kind -> contents.has(kind, table))
                .findFirst()
                .map(kind -> kind.toLowerCase(java.util.Locale.ROOT))
                .orElse("");
    }

    /** Compared as it was typed: with the schema, or without. */
    private static List<String> near(String typed, Collection<String> tables) {
        boolean qualified = typed.indexOf('.') >= 0;
        return tables.stream()
                .filter(table -> Nearest.isClose(typed, name(table, qualified)))
                .sorted(Comparator.<String>comparingInt(table -> Nearest.distance(typed, name(table, qualified)))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(NEAR)
                .toList();
    }

    private static String name(String table, boolean qualified) {
        return qualified ? table : table.substring(table.indexOf('.') + 1);
    }

    private @Nullable String list(Charset charset) throws IOException, InterruptedException {
        if (source instanceof DumpSource.OnDisk here && Files.isDirectory(here.file())) {
            return listOfFolder(here.file());
        }
        try (InputStream stored = source.open()) {
            InputStream plain = DumpSniffer.open(stored, source.isEncrypted(), source.name())
                    .plain();
            return bytes.format() == Format.DIRECTORY ? listOfPackedFolder(plain) : listOf(plain, charset);
        } catch (EOFException | ZipException | com.github.luben.zstd.ZstdIOException e) {
            throw DumpSpool.damaged(source, e);
        }
    }

    private String listOf(InputStream plain, Charset charset) throws IOException, InterruptedException {
        try (ListProgram list = new ListProgram(access, watch)) {
            byte[] piece = new byte[PIECE];
            for (int count = plain.read(piece); count >= 0 && list.isReading(); count = plain.read(piece)) {
                watch.check();
                list.offer(piece, count);
            }
            return list.result(charset);
        }
    }

    private @Nullable String listOfPackedFolder(InputStream plain) throws IOException {
        Path folder = Files.createTempDirectory("lifeboat");
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new NearBytes(plain))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                watch.check();
                if (entry.isFile() && Path.of(entry.getName()).endsWith("toc.dat")) {
                    Files.copy(tar, folder.resolve("toc.dat"));
                    return listOfFolder(folder);
                }
            }
            return null;
        } catch (TooFar e) {
            return null;
        } finally {
            FileTrees.delete(folder);
        }
    }

    private String listOfFolder(Path folder) {
        return Commands.required(
                        new ServerUser(null),
                        access.program("pg_restore", "--list", folder.toString()),
                        Map.of(),
                        LISTING)
                .output();
    }

    private static final class TooFar extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Ends with an exception where nobody looks any further. */
    private static final class NearBytes extends FilterInputStream {

        private long read;

        NearBytes(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (read > FAR) {
                throw new TooFar();
            }
            int count = super.read(buffer, offset, length);
            read += Math.max(0, count);
            return count;
        }

        @Override
        public long skip(long wanted) throws IOException {
            byte[] passed = new byte[(int) Math.min(PIECE, wanted)];
            return Math.max(0, read(passed, 0, passed.length));
        }
    }
}
