package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much of this host a disposable copy may use beside a cluster that may still be at work. */
final class HostResources {

    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final Pattern AVAILABLE = Pattern.compile("MemAvailable:\\s+(\\d+) kB");
    private static final long MB = 1L << 20;

    private HostResources() {}

    /** A quarter of the free memory: large buffers take most of the writing out of redo. */
    static long sharedBuffersMb() {
        return clamp(availableMemory() / 4 / MB, 128, 4096);
    }

    /**
     * A sixth of the free disk, and not more than 2 GiB: all of it stays on the disk and in the page cache meanwhile, and
     * from there on memory that has to be found anew costs more than a restart point without fsync.
     */
    static long maxWalMb(Path where) throws IOException {
        long free = Files.getFileStore(where).getUsableSpace();
        return clamp(free / 6 / MB, 256, 2_048);
    }

    private static long availableMemory() {
        try {
            Matcher matcher = AVAILABLE.matcher(Files.readString(MEMINFO));
            return matcher.find() ? Long.parseLong(matcher.group(1)) << 10 : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private static long clamp(long value, long least, long most) {
        return Math.max(least, Math.min(most, value));
    }
}
