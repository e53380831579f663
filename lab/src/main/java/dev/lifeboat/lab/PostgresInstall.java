package dev.lifeboat.lab;

import dev.lifeboat.lab.engine.PostgresPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Sees to it that there is a PostgreSQL to show something with. */
final class PostgresInstall {

    private static final Path APT = Path.of("/usr/bin/apt-get");

    private PostgresInstall() {}

    /**
     * Installs Debian's package where it is missing and this user may.
     *
     * @throws IllegalStateException with the exact command otherwise
     */
    static void require() {
        if (PostgresPrograms.find().isPresent()) {
            return;
        }
        if (!System.getProperty("user.name").equals("root") || !Files.isExecutable(APT)) {
            throw new IllegalStateException("there is no PostgreSQL 15 to 18 in /usr/lib/postgresql or on the PATH;"
                    + " install it with: sudo apt-get install -y postgresql");
        }
        System.out.println("installing PostgreSQL: apt-get install -y postgresql");
        if (aptGet("install", "-y", "-q", "postgresql") != 0) {
            aptGet("update", "-q");
            aptGet("install", "-y", "-q", "postgresql");
        }
        if (PostgresPrograms.find().isEmpty()) {
            throw new IllegalStateException(
                    "'apt-get install -y postgresql' did not bring a PostgreSQL 15 to 18 into /usr/lib/postgresql");
        }
    }

    private static int aptGet(String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of(APT.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectInput(Path.of("/dev/null").toFile());
        try {
            return builder.start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while PostgreSQL was installed", e);
        }
    }
}
