package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.Function;

/**
 * What the tool finds around itself; a test gives it other ones.
 *
 * @param root    of the checkout
 * @param zone    in which the person reads times
 * @param signOfLife  a worker that is silent for this long is none
 * @param temporal opens the way to Temporal
 */
record Surroundings(
        Map<String, String> environment,
        Path workingFolder,
        Path root,
        Terminal terminal,
        Clock clock,
        ZoneId zone,
        Duration signOfLife,
        Function<LifeboatConfig.Temporal, Gateway> temporal) {

    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(9);

    static Surroundings ofProcess() {
        Map<String, String> environment = System.getenv();
        Path here = Path.of("").toAbsolutePath();
        return new Surroundings(
                environment,
                here,
                Path.of(System.getProperty("lifeboat.root", here.toString())),
                Terminal.ofProcess(environment),
                Clock.systemUTC(),
                ZoneId.systemDefault(),
                SIGN_OF_LIFE,
                address -> Connection.open(address, environment));
    }

    /** The same with another Temporal. */
    Surroundings with(Function<LifeboatConfig.Temporal, Gateway> other) {
        return new Surroundings(environment, workingFolder, root, terminal, clock, zone, signOfLife, other);
    }

    /** {@code user@host}, as reports name people. */
    String person() {
        String sudo = environment.getOrDefault("SUDO_USER", "");
        return (sudo.isEmpty() ? System.getProperty("user.name", "unknown") : sudo) + "@" + hostName();
    }

    static String hostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException unknown) {
                return "unknown";
            }
        }
    }
}
