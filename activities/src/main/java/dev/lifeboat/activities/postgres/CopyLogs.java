package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What servers wrote into a folder of logs since this object was made; it goes into the log of the step. */
final class CopyLogs {

    /** More of one log is not even read: its end says most. */
    private static final long MOST = 1 << 20;

    private final Path folder;
    private final Map<Path, Long> seen = new HashMap<>();

    private CopyLogs(Path folder) {
        this.folder = folder;
    }

    static CopyLogs from(Path folder) {
        CopyLogs logs = new CopyLogs(folder);
        if (Transcript.isKept()) {
            logs.files().forEach(file -> logs.seen.put(file, size(file)));
        }
        return logs;
    }

    /** Never fails: a log that cannot be read must not hide what its step came to. */
    void quoteNew() {
        if (!Transcript.isKept()) {
            return;
        }
        for (Path file : files()) {
            long from = seen.getOrDefault(file, 0L);
            long to = size(file);
            if (to > from) {
                Transcript.quote("the server's log %s, from byte %d".formatted(file, from), read(file, from, to));
            }
            seen.put(file, to);
        }
    }

    private List<Path> files() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".log"))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    private static String read(Path file, long from, long to) {
        long begin = Math.max(from, to - MOST);
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(begin);
            String text = new String(in.readNBytes((int) (to - begin)), StandardCharsets.UTF_8);
            return begin == from ? text : "[... %d bytes are left out here ...]\n%s".formatted(begin - from, text);
        } catch (IOException e) {
            return "it cannot be read: " + e;
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
