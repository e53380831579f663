package dev.lifeboat.lab.engine;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the programs of a PostgreSQL server, 15 to 18, are on this machine. */
public final class PostgresPrograms {

    private static final int OLDEST = 15;
    private static final int NEWEST = 18;
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    private PostgresPrograms() {}

    /**
     * Those on the PATH, else the newest of Debian's packages, which keep theirs off the PATH; none when there is no
     * server of these versions.
     */
    public static Optional<Path> find() {
        List<Path> candidates = new ArrayList<>();
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            if (!folder.isEmpty()) {
                candidates.add(Path.of(folder));
            }
        }
        candidates.addAll(debian());
        return candidates.stream()
                .filter(PostgresPrograms::isComplete)
                .map(PostgresPrograms::real)
                .filter(folder -> isSupported(majorVersion(folder)))
                .findFirst();
    }

    private static List<Path> debian() {
        if (!Files.isDirectory(DEBIAN)) {
            return List.of();
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.filter(path -> isSupported(path.getFileName().toString()))
                    .sorted(Comparator.comparing(Path::getFileName).reversed())
                    .map(path -> path.resolve("bin"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isSupported(String version) {
        return version.matches("\\d+") && Integer.parseInt(version) >= OLDEST && Integer.parseInt(version) <= NEWEST;
    }

    /** From what the program says of itself: {@code postgres (PostgreSQL) 17.2}. */
    private static String majorVersion(Path folder) {
        String said = Programs.run(
                        System.getProperty("user.name"),
                        List.of(folder.resolve("postgres").toString(), "--version"),
                        Map.of(),
                        Duration.ofMinutes(1))
                .output();
        return said.replaceFirst("(?s)^\\D*(\\d+).*$", "$1");
    }

    private static boolean isComplete(Path folder) {
        return Stream.of("postgres", "initdb", "pg_ctl", "pg_basebackup", "psql")
                .allMatch(program -> Files.isExecutable(folder.resolve(program)));
    }

    private static Path real(Path folder) {
        try {
            return folder.resolve("postgres").toRealPath().resolveSibling("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
