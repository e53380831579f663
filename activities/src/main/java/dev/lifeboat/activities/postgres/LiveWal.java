package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The files in a live {@code pg_wal} that the archive does not hold: segments, histories, what waits for the archiver. */
final class LiveWal {

    private final Path folder;
    private final String systemId;
    private final WalSegmentSize size;
    private final SortedMap<Integer, NavigableSet<String>> archived;

    LiveWal(Path folder, String systemId, WalArchive archive, WalSegmentSize size) {
        this.folder = folder;
        this.systemId = systemId;
        this.size = size;
        this.archived = archive.names();
    }

    /** @param whole nothing more will be written to it */
    record File(String name, boolean whole) {}

    /** Older first, history files before the segments of their timeline. Recycled segments are left out. */
    List<File> files() throws IOException {
        List<File> files = new ArrayList<>();
        WalSummarizer summarizer = new WalSummarizer(size);
        for (String name : names()) {
            if (!WalSegmentSize.isSegmentName(name)) {
                files.add(new File(name, true));
            } else {
                segment(summarizer, name).ifPresent(files::add);
            }
        }
        return files;
    }

    private Optional<File> segment(WalSummarizer summarizer, String name) throws IOException {
        Path path = folder.resolve(name);
        try {
            if (!belongsHere(path, name)) {
                return Optional.empty();
            }
            WalSegment segment = size.parse(name);
            if (!summarizer.continuesWith(segment)) {
                summarizer.restart();
            }
            try (InputStream bytes = Files.newInputStream(path)) {
                SegmentSummary summary = summarizer.summarize(segment, bytes);
                return Optional.of(new File(name, summary.whole() || isFinished(name)));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private boolean belongsHere(Path path, String name) throws IOException {
        try (InputStream bytes = Files.newInputStream(path)) {
            return WalSegmentHeader.parse(bytes.readNBytes(WalSegmentHeader.BYTES))
                    .filter(header -> header.segmentSize().equals(size) && header.fits(name, systemId))
                    .isPresent();
        }
    }

    private boolean isFinished(String name) {
        return Files.exists(status(name, ".ready")) || Files.exists(status(name, ".done"));
    }

    private Path status(String name, String suffix) {
        return folder.resolve("archive_status").resolve(name + suffix);
    }

    private NavigableSet<String> names() throws IOException {
        // A history sorts before the segments of its timeline: "00000002.history" < "00000002000…".
        NavigableSet<String> names = new TreeSet<>(Comparator.naturalOrder());
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString())
                    .filter(this::isWanted)
                    .forEach(names::add);
        }
        return names;
    }

    private boolean isWanted(String name) {
        if (!WalArchive.isWalFile(name) || isArchived(name)) {
            return false;
        }
        return WalSegmentSize.isSegmentName(name) || name.endsWith(".history") || Files.exists(status(name, ".ready"));
    }

    private boolean isArchived(String name) {
        NavigableSet<String> names = archived.get(Integer.parseUnsignedInt(name.substring(0, 8), 16));
        return names != null && names.contains(name);
    }
}
