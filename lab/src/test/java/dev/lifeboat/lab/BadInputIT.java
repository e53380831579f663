package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.lab.engine.Folders;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** What cannot be done is refused with a sentence, a hint and the right exit code, and nothing has been touched. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputIT {

    private static final int WRONG_USE = 2;
    private static final int HELD = 7;
    private static final int NOT_READY = 8;

    private final Path folder = Folders.temporary("lifeboat-bad-input");
    private final Optional<SmallDisk> disk =
            SmallDisk.at(folder, System.getProperty("user.name"), "3g", "BadInputIT.aDiskWithTooLittleRoomIsRefused");
    private final World world = World.start(lab -> lab.folder(folder));
    private final Untouched untouched = new Untouched(world);

    @BeforeAll
    void nobodyWrites() {
        world.load().pause();
    }

    @AfterAll
    void end() {
        world.close();
        disk.ifPresent(SmallDisk::close);
        Folders.remove(folder);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                refused(
                        WRONG_USE,
                        "a time without offset",
                        "has no offset: read as UTC it is 2026-08-22T09:15:00Z, read as local time",
                        "--target",
                        "2026-08-22T09:15:00"),
                refused(WRONG_USE, "a time that is none", "is not a time such as", "--target", "yesterday"),
                refused(WRONG_USE, "two targets", "two targets are given", "--target", "latest", "--target-xid", "700"),
                refused(WRONG_USE, "no target", "a target is needed"),
                refused(WRONG_USE, "an LSN that is none", "abc", "--target-lsn", "abc"),
                refused(WRONG_USE, "a port without a folder", "--into", "--target", "latest", "--port", "5499"),
                refused(NOT_READY, "a time in the future", "in the future", "--target", "2199-01-01T00:00:00Z"),
                refused(
                        NOT_READY,
                        "a time before the first backup",
                        "2001-01-01T00:00:00Z",
                        "--target",
                        "2001-01-01T00:00:00Z"),
                refused(NOT_READY, "an unknown restore point", "nobody_made_it", "--target-name", "nobody_made_it"),
                refused(NOT_READY, "an unknown transaction", "4000000000", "--target-xid", "4000000000"),
                refused(
                        NOT_READY,
                        "an unknown backup",
                        "20010101T000000Z",
                        "--target",
                        "latest",
                        "--backup",
                        "20010101T000000Z"),
                refused(NOT_READY, "an unknown timeline", "timeline 77", "--target", "latest", "--timeline", "77"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("refused")
    void itIsRefusedAndNothingIsTouched(int exitCode, String what, String words, List<String> inputs) {
        assertRefused(exitCode, words, inputs);
    }

    @Test
    void aTimeInsideTheOnlyBackupIsRefusedWithTheFirstThatCanBeReached() {
        JsonNode backup = World.json(
                        world.succeeds("backups", Lab.CLUSTER, "-o", "json").output())
                .path("backups")
                .path(0);
        Instant started = Instant.parse(backup.path("startedAt").asText());
        Instant ended = Instant.parse(backup.path("endedAt").asText());
        Instant inside = started.plus(Duration.between(started, ended).dividedBy(2));

        Cli.Result result = assertRefused(NOT_READY, "ends before", List.of("--target", inside.toString()));

        assertThat(result.errors()).contains(ended.toString().substring(0, 19));
    }

    @Test
    void anUnknownClusterIsAnsweredWithThoseThereAre() {
        List<String> before = untouched.everything();

        Cli.Result result =
                world.lab().cli().run("start", "pitr-recovery", "--cluster", "other", "--target", "latest", "--yes");

        assertThat(result.exitCode()).as(result.toString()).isEqualTo(WRONG_USE);
        assertThat(result.errors()).contains("lifeboat: error:", "main", "lifeboat: hint:");
        assertThat(untouched.everything()).isEqualTo(before);
    }

    @Test
    void aSecondRunOnTheSameTargetIsRefusedWhileOneIsOpen() {
        world.succeeds("start", "pitr-recovery", "--cluster", Lab.CLUSTER, "--target", "latest", "--detach");
        try (TemporalEye eye = new TemporalEye(world.lab())) {
            eye.awaitApproval("pitr-recovery/main", Duration.ofMinutes(2));
            try {
                assertRefused(HELD, "a run of that name is still open", List.of("--target", "latest"));
                assertRefused(
                        HELD, "a run of that name is still open", List.of("--target", "immediate", "--take-over"));
            } finally {
                world.succeeds("reject", "pitr-recovery/main", "take-lease", "--reason", "only a test");
                eye.awaitEnd("pitr-recovery/main", Duration.ofMinutes(2));
            }
        }
    }

    @Test
    void aLeaseOfARunElsewhereIsRespectedUntilAPersonTakesItOver() {
        String lease =
                """
                {"format": 1, "target": "main.drill", "number": 999, "run": "pitr-recovery/main/drill",
                 "runId": "6f7f3f0e-26a5-4bd0-8b0c-6c9e3a3d1f11", "namespace": "elsewhere", "recovery": true,
                 "takenAt": "2026-11-25T01:02:03.004Z"}
                """;
        try (S3Client client = world.lab().s3().client()) {
            client.putObject(
                    put -> put.bucket(Lab.BUCKET).key("leases/main.drill/000999.json"),
                    RequestBody.fromString(lease, StandardCharsets.UTF_8));
        }

        Cli.Result result = assertRefused(HELD, "'elsewhere'", List.of("--target", "latest", "--drill"));

        assertThat(result.errors()).contains("pitr-recovery/main/drill", "2026-11-25T01:02:03Z", "--take-over");
        JsonNode report = world.recover("--target", "latest", "--drill", "--take-over");
        assertThat(report.path("mode").asText()).isEqualTo("drill");
    }

    @Test
    void aDataDirectoryThatIsAMountPointIsNotSwapped() {
        Path data = world.postgres().dataDirectory();
        try (SmallDisk mount =
                required(SmallDisk.bind(data, data, "rw", "BadInputIT.aDataDirectoryThatIsAMountPoint"))) {
            assertRefused(NOT_READY, mount.folder() + " is a mount point", List.of("--target", "latest"));
        }
    }

    @Test
    void aParentThatCannotBeWrittenIsNoPlaceForACopy() {
        Path parent = world.postgres().dataDirectory().resolveSibling("");
        try (SmallDisk mount =
                required(SmallDisk.bind(parent, parent, "ro", "BadInputIT.aParentThatCannotBeWritten"))) {
            assertThat(mount.folder()).isEqualTo(parent);
            assertRefused(NOT_READY, "cannot be written by", List.of("--target", "latest"));
        }
    }

    @Test
    void aFolderOnAnotherFileSystemIsNoPlaceForACopy() {
        Path beside = world.postgres().dataDirectory().resolveSibling("lifeboat-" + Lab.CLUSTER);
        try (SmallDisk mount = required(
                SmallDisk.at(beside, world.postgres().user(), "64m", "BadInputIT.aFolderOnAnotherFileSystem"))) {
            assertRefused(NOT_READY, mount.folder() + " is on another file system", List.of("--target", "latest"));
        }
    }

    @Test
    void aDiskWithTooLittleRoomIsRefused() {
        SmallDisk small = required(disk);
        // Enough for the server that runs there, too little for a copy of it with its WAL.
        small.fillUpTo(40 << 20);
        try {
            assertRefused(NOT_READY, "MiB are free", List.of("--target", "latest"));
        } finally {
            small.resize("3g");
        }
    }

    @Test
    void aFolderThatIsNotEmptyIsNotRecoveredInto() throws IOException {
        Path taken = Folders.owned(world.newCopy("taken"), world.postgres().user(), "rwx------");
        Files.writeString(taken.resolve("precious"), "data");

        assertRefused(
                NOT_READY, "is not empty", List.of("--target", "latest", "--into", taken.toString(), "--port", "5499"));

        assertThat(taken.resolve("precious")).hasContent("data");
    }

    @Test
    void aPortThatIsTakenIsNotRecoveredTo() throws IOException {
        String copy = world.newCopy("free").toString();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertRefused(NOT_READY, port, List.of("--target", "latest", "--into", copy, "--port", port));
        }
        String livePort = Integer.toString(world.postgres().port());
        assertRefused(WRONG_USE, livePort, List.of("--target", "latest", "--into", copy, "--port", livePort));
    }

    private Cli.Result assertRefused(int exitCode, String inTheError, List<String> inputs) {
        List<String> words = new ArrayList<>(List.of("start", "pitr-recovery", "--cluster", Lab.CLUSTER, "--yes"));
        words.addAll(inputs);
        // One that is not refused must fail this test soon, and not wait for a person.
        words.addAll(List.of("--wait", "20s"));
        List<String> before = untouched.everything();

        Cli.Result result = world.lab().cli().run(words);

        assertThat(result.exitCode()).as(result.toString()).isEqualTo(exitCode);
        assertThat(result.errors().lines())
                .as(result.toString())
                .anyMatch(line -> line.startsWith("lifeboat: error: ") && line.contains(inTheError))
                .anyMatch(line -> line.startsWith("lifeboat: hint: "));
        assertThat(untouched.everything()).isEqualTo(before);
        return result;
    }

    private static SmallDisk required(Optional<SmallDisk> mount) {
        assumeTrue(mount.isPresent(), "no file system can be mounted here");
        return mount.orElseThrow();
    }

    private static Arguments refused(int exitCode, String what, String inTheError, String... inputs) {
        return Arguments.of(exitCode, what, inTheError, Arrays.asList(inputs));
    }
}
