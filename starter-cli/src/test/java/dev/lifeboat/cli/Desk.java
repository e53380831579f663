package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.Function;

/** A person's desk without a person: runs the tool in this process and keeps what it said. */
final class Desk {

    static final String CONFIG =
            """
            bucket: { url: "s3://backups" }
            postgres:
              main: { data-directory: /var/lib/pg/main, bin-directory: /usr/bin, port: 5433 }
            """;

    /** What the tool left on the desk. */
    record Said(int exit, String out, String err) {}

    /** Until a test sits down. */
    static final Desk NOBODY = new Desk(Path.of(""));

    /** A worker in this JVM loads its first classes when it is first asked, on a machine that may be busy. */
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(60);

    private final Path folder;
    private final Duration signOfLife;
    private final Function<LifeboatConfig.Temporal, Gateway> temporal;

    Desk(Path folder, Function<LifeboatConfig.Temporal, Gateway> temporal) throws IOException {
        this(folder, SIGN_OF_LIFE, temporal);
    }

    /** @param signOfLife after this long there is no worker */
    Desk(Path folder, Duration signOfLife, Function<LifeboatConfig.Temporal, Gateway> temporal) throws IOException {
        this.folder = folder;
        this.signOfLife = signOfLife;
        this.temporal = temporal;
        Files.writeString(folder.resolve("lifeboat.yaml"), CONFIG);
    }

    private Desk(Path folder) {
        this.folder = folder;
        this.signOfLife = SIGN_OF_LIFE;
        this.temporal = address -> {
            throw new AssertionError("nobody sits here");
        };
    }

    static Desk withoutTemporal(Path folder) throws IOException {
        return new Desk(folder, address -> {
            throw new AssertionError("Temporal was asked");
        });
    }

    Said run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit = new Lifeboat(surroundings(out, err)).run(arguments);
        return new Said(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Reads a command line and does nothing. */
    void parse(String... arguments) {
        Surroundings surroundings = surroundings(new ByteArrayOutputStream(), new ByteArrayOutputStream());
        GlobalOptions options = new GlobalOptions();
        try (Tool tool = new Tool(surroundings, options)) {
            new Lifeboat(surroundings).commandLine(tool, options).parseArgs(arguments);
        }
    }

    private Surroundings surroundings(ByteArrayOutputStream out, ByteArrayOutputStream err) {
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(new byte[0]),
                false,
                false,
                false,
                true,
                100,
                40);
        return new Surroundings(
                Map.of(),
                folder,
                Path.of(System.getProperty("lifeboat.root", "..")),
                terminal,
                Clock.systemUTC(),
                ZoneId.of("Europe/Berlin"),
                signOfLife,
                temporal);
    }
}
