package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher in a checkout of its own, whose JDK and Maven only write down that they were called. */
class LauncherTest {

    private static final String MAVEN =
            """
            #!/bin/sh
            echo built >>builds
            [ ! -f broken ] || { echo 'COMPILATION ERROR'; exit 1; }
            sleep 0.3
            mkdir -p starter-cli/target/lib
            for m in workflows config starter-cli; do
                mkdir -p $m/target
                echo $m >$m/target/lifeboat-$m-1.jar
                [ $m = starter-cli ] || cp -p $m/target/lifeboat-$m-1.jar starter-cli/target/lib/
            done
            """;

    private static final String JAVA =
            """
            #!/bin/sh
            case $* in *ArchiveClassesAtExit*) exit 1 ;; esac
            echo "$* LC_ALL=${LC_ALL:-} LC_CTYPE=${LC_CTYPE:-}"
            """;

    private record Ran(int exit, String out, String err) {}

    @TempDir
    Path folder = Path.of("");

    private Path checkout = Path.of("");

    @BeforeEach
    void layOutACheckout() throws IOException {
        checkout = Files.createDirectory(folder.resolve("a checkout")).toRealPath();
        Files.copy(
                Path.of(System.getProperty("lifeboat.root", ".."), "lifeboat"),
                checkout.resolve("lifeboat"),
                StandardCopyOption.COPY_ATTRIBUTES);
        for (String module : List.of("workflows", "config", "starter-cli")) {
            Files.createDirectories(checkout.resolve(module).resolve("src/main"));
            write(module + "/src/main/A.java", "");
        }
        script("mvnw", MAVEN);
        script("../jdk/bin/java", JAVA);
        script("../jdk/bin/javac", JAVA);
        write("../jdk/release", "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"21.0.1\"\n");
    }

    @Test
    void whatIsMissingIsBuiltOnceAndSaidInOneLine() throws Exception {
        Ran first = launch("list", "-o", "json");
        Ran second = launch("list");

        assertThat(first.exit()).isZero();
        assertThat(first.err().lines()).hasSize(1).allMatch(line -> line.startsWith("lifeboat: building starter-cli"));
        assertThat(first.out()).contains("dev.lifeboat.cli.Lifeboat list -o json", "-Dlifeboat.root=" + checkout);
        assertThat(second.err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aChangedSourceIsBuiltAgain() throws Exception {
        launch("list");
        Files.setLastModifiedTime(
                checkout.resolve("config/src/main/A.java"),
                FileTime.from(Instant.now().plusSeconds(5)));

        launch("list");

        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void aLibraryThatWasBuiltAloneIsBroughtUpToDate() throws Exception {
        launch("list");
        write("config/target/lifeboat-config-1.jar", "newer");

        launch("list");

        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void twoAtOnceBuildOnce() throws Exception {
        Process one = process("list");
        Process two = process("list");

        assertThat(finish(one).exit()).isZero();
        assertThat(finish(two).exit()).isZero();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aLockOfADeadLauncherHoldsNobodyUp() throws Exception {
        Files.createDirectories(checkout.resolve("target/launcher"));
        write("target/launcher/lock", "4194305\n");

        assertThat(launch("list").exit()).isZero();
    }

    @Test
    void aBrokenBuildShowsItsLastWords() throws Exception {
        write("broken", "");

        Ran ran = launch("list");

        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.err()).contains("COMPILATION ERROR", "lifeboat: error: ", "lifeboat: hint: ");
        assertThat(Files.exists(checkout.resolve("target/launcher/lock"))).isFalse();
    }

    @Test
    void itFindsItsCheckoutThroughLinks() throws Exception {
        Files.createSymbolicLink(folder.resolve("one"), Path.of("a checkout/lifeboat"));
        Path two = Files.createSymbolicLink(folder.resolve("two"), folder.resolve("one"));

        Ran ran = finish(start(two.toString(), "list"));

        assertThat(ran.out()).contains("-Dlifeboat.root=" + checkout);
    }

    /** As systemd starts a service, and as people set their own language. */
    @ParameterizedTest
    @CsvSource({
        "'', '', '', 'LC_ALL= LC_CTYPE=C.UTF-8'",
        "C, '', '', 'LC_ALL=C.UTF-8 LC_CTYPE=C.UTF-8'",
        "'', '', de_DE.ISO-8859-1, 'LC_ALL= LC_CTYPE=C.UTF-8'",
        "'', '', de_DE.UTF-8, 'LC_ALL= LC_CTYPE='",
        "'', en_US.utf8, C, 'LC_ALL= LC_CTYPE=en_US.utf8'",
        "C.UTF-8, POSIX, '', 'LC_ALL=C.UTF-8 LC_CTYPE=POSIX'"
    })
    void javaCanNameEveryFileWhateverTheLocale(String all, String type, String language, String passedOn)
            throws Exception {
        ProcessBuilder builder = builder(checkout.resolve("lifeboat").toString(), "list");
        builder.environment().putAll(Map.of("LC_ALL", all, "LC_CTYPE", type, "LANG", language));

        Ran ran = finish(builder.start());

        assertThat(ran.out().strip()).as(ran.toString()).endsWith(passedOn);
    }

    private Ran launch(String... arguments) throws Exception {
        return finish(process(arguments));
    }

    private Process process(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = checkout.resolve("lifeboat").toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return start(command);
    }

    private Process start(String... command) throws IOException {
        return builder(command).start();
    }

    private ProcessBuilder builder(String... command) {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectInput(new File("/dev/null"));
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        return builder;
    }

    private static Ran finish(Process process) throws Exception {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Ran(process.exitValue(), out, err);
    }

    private long builds() throws IOException {
        return Files.readAllLines(checkout.resolve("builds")).size();
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(checkout.resolve(file), text);
    }

    private void script(String file, String text) throws IOException {
        Path path = checkout.resolve(file);
        Files.createDirectories(path.getParent() == null ? checkout : path.getParent());
        Files.writeString(path, text);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
