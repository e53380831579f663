package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Where else a segment can be read when the one in the archive is damaged or another cluster's: in the live
 * {@code pg_wal}, among the versions that the bucket keeps. For a plan, which only reads; what a recovery replays is
 * looked for by {@link PlannedWal}.
 */
final class IntactCopies {

    private final WalArchive archive;
    private final WalSegmentSize size;
    private final @Nullable Path live;

    IntactCopies(WalArchive archive, WalSegmentSize size, @Nullable Path live) {
        this.archive = archive;
        this.size = size;
        this.live = live;
    }

    interface Copy {
        InputStream open() throws IOException;
    }

    /** @param where for people */
    record Found(String where, Copy copy) {}

    /** @param others told of each copy that is none, and why */
    Optional<Found> find(WalSegment segment, List<String> others) {
        String name = size.nameOf(segment);
        if (live != null) {
            Path file = live.resolve(name);
            Found found = new Found(file.toString(), () -> Files.newInputStream(file));
            if (!Files.isRegularFile(file)) {
                others.add("there is no " + file);
            } else if (isIntact(segment, found, others)) {
                return Optional.of(found);
            }
        }
        List<WalArchive.OtherCopy> copies = archive.otherCopies(name);
        if (copies.isEmpty()) {
            others.add("the bucket keeps no earlier version of it");
        }
        return copies.stream()
                .map(copy -> new Found(copy.where(), copy.source()::open))
                .filter(found -> isIntact(segment, found, others))
                .findFirst();
    }

    private boolean isIntact(WalSegment segment, Found found, List<String> others) {
        String name = size.nameOf(segment);
        CRC32C sum = new CRC32C();
        try (InputStream bytes =
                new CheckedInputStream(checked(name, found.copy().open()), sum)) {
            boolean whole = new WalSummarizer(size).summarize(segment, bytes).whole();
            bytes.transferTo(java.io.OutputStream.nullOutputStream());
            String noted = noted(name);
            String is = WalArchive.hex(sum);
            if (whole && (noted == null || noted.equals(is))) {
                return true;
            }
            others.add(found.where() + ": "
                    + (whole ? "its CRC32C is " + is + ", the index says " + noted : "its WAL ends in the middle"));
        } catch (IOException e) {
            others.add(found.where() + ": " + e.getMessage());
        } catch (RecoveryFailure e) {
            others.add(found.where() + ": " + e.getMessage());
        }
        return false;
    }

    private @Nullable String noted(String name) {
        SegmentSummary summary = WalIndex.read(archive, WalIndex.nameFor(name)).get(name);
        return summary == null ? null : summary.crc32c();
    }

    /**
     * The same bytes, once their first page says that they belong under this name. WAL of another cluster reads as well
     * as our own.
     */
    InputStream checked(String name, InputStream bytes) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(bytes, WalReader.PAGE);
        try {
            buffered.mark(WalReader.PAGE);
            Optional<WalSegmentHeader> header = WalSegmentHeader.parse(buffered.readNBytes(WalSegmentHeader.BYTES));
            buffered.reset();
            if (header.isEmpty()) {
                throw new IOException("it begins without a header of PostgreSQL 15 to 18");
            }
            if (!header.get().fits(name, archive.systemId())) {
                throw new IOException("its first page is that of %s of system identifier %s, timeline %d"
                        .formatted(
                                header.get().address(),
                                header.get().systemId(),
                                header.get().timeline()));
            }
            return buffered;
        } catch (IOException | RuntimeException e) {
            buffered.close();
            throw e;
        }
    }
}
