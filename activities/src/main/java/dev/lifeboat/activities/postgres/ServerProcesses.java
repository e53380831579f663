package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The server processes of a data directory, found by what they are (a program named postgres) and where they work, so
 * also when {@code postmaster.pid} or the whole directory was removed under them.
 */
final class ServerProcesses {

    private static final Path PROC = Path.of("/proc");
    private static final String DELETED = " (deleted)";

    private ServerProcesses() {}

    /** Every process of its server: the postmaster and its children. */
    static List<ProcessHandle> of(Path dataDirectory) {
        Set<String> places = placesOf(dataDirectory);
        List<ProcessHandle> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (places.contains(link(process.resolve("cwd"))) && isPostgres(link(process.resolve("exe")))) {
                    ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                            .filter(ProcessHandle::isAlive)
                            .ifPresent(found::add);
                }
            }
        } catch (IOException e) {
            throw FileTrees.failed("list the processes of this host", e);
        }
        return found;
    }

    /** The one that the others are children of. */
    static Optional<ProcessHandle> postmaster(Path dataDirectory) {
        List<ProcessHandle> all = of(dataDirectory);
        Set<Long> pids = all.stream().map(ProcessHandle::pid).collect(Collectors.toSet());
        return all.stream()
                .filter(process -> process.parent()
                        .map(parent -> !pids.contains(parent.pid()))
                        .orElse(true))
                .findFirst();
    }

    private static Set<String> placesOf(Path dataDirectory) {
        String named = dataDirectory.toAbsolutePath().normalize().toString();
        String real = named;
        try {
            real = Files.exists(dataDirectory)
                    ? dataDirectory.toRealPath().toString()
                    : dataDirectory
                            .resolveSibling("")
                            .toRealPath()
                            .resolve(dataDirectory.getFileName())
                            .toString();
        } catch (IOException e) {
            // Nothing is left of it; its name must do.
        }
        return java.util.stream.Stream.of(named, real)
                .flatMap(place -> List.of(place, place + DELETED).stream())
                .collect(Collectors.toSet());
    }

    private static String link(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            // It has ended meanwhile, or belongs to somebody else and so is not the server.
            return "";
        }
    }

    private static boolean isPostgres(String program) {
        String name = program.endsWith(DELETED) ? program.substring(0, program.length() - DELETED.length()) : program;
        return name.endsWith("/postgres");
    }
}
