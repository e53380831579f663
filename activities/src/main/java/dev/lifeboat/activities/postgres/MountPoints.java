package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** Where one file system ends and another begins: a rename cannot cross that line, nor move the line itself. */
final class MountPoints {

    private static final Path TABLE = Path.of("/proc/self/mountinfo");

    private MountPoints() {}

    static boolean isMountPoint(Path directory) throws IOException {
        return Files.isReadable(TABLE) && in(Files.readString(TABLE)).contains(directory.toString());
    }

    /** The fifth field of each line, in which a space is written {@code \040} (proc(5)). */
    static Set<String> in(String table) {
        return table.lines()
                .map(line -> line.split(" "))
                .filter(fields -> fields.length > 4)
                .map(fields -> fields[4]
                        .replace("\\040", " ")
                        .replace("\\011", "\t")
                        .replace("\\012", "\n")
                        .replace("\\134", "\\"))
                .collect(Collectors.toSet());
    }

    static boolean sameFileSystem(Path one, Path other) throws IOException {
        return Files.getAttribute(one, "unix:dev", LinkOption.NOFOLLOW_LINKS)
                .equals(Files.getAttribute(other, "unix:dev", LinkOption.NOFOLLOW_LINKS));
    }
}
