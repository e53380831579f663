package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.lab.engine.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** What cannot be done is refused with a sentence, a hint and the right exit code, and nothing has been touched. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputIT {

    private static final int WRONG_USE = 2;
    private static final int NOT_READY = 8;

    private final World world = World.start();

    @AfterAll
    void end() {
        world.close();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                refused(WRONG_USE, "a time without offset", "--target", "2026-08-22T09:15:00"),
                refused(WRONG_USE, "a time that is none", "--target", "yesterday"),
                refused(WRONG_USE, "two targets", "--target", "latest", "--target-xid", "700"),
                refused(WRONG_USE, "no target"),
                refused(WRONG_USE, "an LSN that is none", "--target-lsn", "abc"),
                refused(WRONG_USE, "a port without a folder", "--target", "latest", "--port", "5499"),
                refused(NOT_READY, "a time in the future", "--target", "2199-01-01T00:00:00Z"),
                refused(NOT_READY, "a time before the first backup", "--target", "2001-01-01T00:00:00Z"),
                refused(NOT_READY, "an unknown restore point", "--target-name", "nobody_made_it"),
                refused(NOT_READY, "an unknown transaction", "--target-xid", "4000000000"),
                refused(NOT_READY, "an unknown backup", "--target", "latest", "--backup", "20010101T000000Z"),
                refused(NOT_READY, "an unknown timeline", "--target", "latest", "--timeline", "77"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("refused")
    void itIsRefusedAndNothingIsTouched(int exitCode, String what, List<String> inputs) {
        assertRefused(exitCode, inputs);
    }

    @Test
    void anUnknownClusterIsAnsweredWithThoseThereAre() {
        Cli.Result result =
                world.lab().cli().run("start", "pitr-recovery", "--cluster", "other", "--target", "latest", "--yes");

        assertThat(result.exitCode()).as(result.toString()).isEqualTo(WRONG_USE);
        assertThat(result.errors()).contains("lifeboat: error:", "main", "lifeboat: hint:");
    }

    @Test
    void aFolderThatIsNotEmptyIsNotRecoveredInto() throws IOException {
        Path taken = Folders.owned(world.newCopy("taken"), world.postgres().user(), "rwx------");
        Files.writeString(taken.resolve("precious"), "data");

        assertRefused(NOT_READY, List.of("--target", "latest", "--into", taken.toString(), "--port", "5499"));

        assertThat(taken.resolve("precious")).hasContent("data");
    }

    @Test
    void aPortThatIsTakenIsNotRecoveredTo() throws IOException {
        String copy = world.newCopy("free").toString();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertRefused(
                    NOT_READY,
                    List.of("--target", "latest", "--into", copy, "--port", Integer.toString(taken.getLocalPort())));
        }
        String livePort = Integer.toString(world.postgres().port());
        assertRefused(WRONG_USE, List.of("--target", "latest", "--into", copy, "--port", livePort));
    }

    private void assertRefused(int exitCode, List<String> inputs) {
        List<String> words = new ArrayList<>(List.of("start", "pitr-recovery", "--cluster", Lab.CLUSTER, "--yes"));
        words.addAll(inputs);
        List<String> before = everything();

        Cli.Result result = world.lab().cli().run(words);

        assertThat(result.exitCode()).as(result.toString()).isEqualTo(exitCode);
        assertThat(result.errors().lines())
                .anyMatch(line -> line.startsWith("lifeboat: error: "))
                .anyMatch(line -> line.startsWith("lifeboat: hint: "));
        assertThat(everything()).isEqualTo(before);
    }

    /** What must not change: the server's process, the files beside the data directory, the bucket but for new WAL. */
    private List<String> everything() {
        List<String> seen = new ArrayList<>();
        seen.add("postmaster " + world.postgres().query("select pg_postmaster_start_time()::text"));
        seen.addAll(besideTheData());
        seen.addAll(inTheBucket());
        return seen;
    }

    private List<String> besideTheData() {
        Path parent = world.postgres().dataDirectory().resolveSibling("");
        try (Stream<Path> files = Files.walk(parent)) {
            return new ArrayList<>(new TreeSet<>(files.filter(file ->
                            !file.startsWith(world.postgres().dataDirectory().resolve("pg_wal")))
                    .filter(file -> !file.toString().contains("/archive/"))
                    .filter(file -> !file.toString().contains("/last-commit-seen"))
                    .filter(file -> !file.startsWith(world.postgres().dataDirectory()) || file.endsWith("pg_hba.conf"))
                    .map(Path::toString)
                    .toList()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> inTheBucket() {
        try (S3Client client = world.lab().s3().client()) {
            return client.listObjectsV2Paginator(list -> list.bucket(Lab.BUCKET)).contents().stream()
                    .map(S3Object::key)
                    .filter(key -> !key.startsWith("postgres/wal/"))
                    .sorted()
                    .toList();
        }
    }

    private static Arguments refused(int exitCode, String what, String... inputs) {
        return Arguments.of(exitCode, what, Arrays.asList(inputs));
    }
}
