package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.TestKeys;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.doctor.Examinations;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncryptionExaminationTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @SuppressWarnings("NullAway.Init")
    private PrivateKey.Pair own;

    @SuppressWarnings("NullAway.Init")
    private PrivateKey.Pair other;

    @BeforeEach
    void twoPairs() {
        own = TestKeys.pair(folder, "own");
        other = TestKeys.pair(folder, "other");
    }

    @Test
    void withoutEncryptionNothingIsSaid() {
        assertThat(look()).isEmpty();
    }

    @Test
    void whoCanDecryptWhatHeBacksUpIsWell() {
        configure(List.of(other, own), own);

        assertThat(recipients()).satisfies(seen -> {
            assertThat(seen.verdict()).isEqualTo(Verdict.PASS);
            assertThat(seen.found())
                    .isEqualTo(other.publicKey().id() + ", " + own.publicKey().id());
        });
        assertThat(identity()).satisfies(seen -> {
            assertThat(seen.verdict()).isEqualTo(Verdict.PASS);
            assertThat(seen.found()).isEqualTo(own.publicKey().id() + ", a recipient");
        });
    }

    @Test
    void whoseKeyIsNoneOfTheRecipientsIsToldNowAndNotOnTheDay() {
        configure(List.of(other), own);

        assertThat(recipients().verdict()).isEqualTo(Verdict.PASS);
        assertThat(identity()).satisfies(seen -> {
            assertThat(seen.verdict()).isEqualTo(Verdict.FAIL);
            assertThat(seen.found()).endsWith("which is not among the recipients");
            assertThat(seen.todo())
                    .contains("cannot be restored here", other.publicKey().id());
        });
    }

    @Test
    void aHostThatOnlyBacksUpHasNothingToBeWrong() {
        configure(List.of(own), null);

        assertThat(recipients().verdict()).isEqualTo(Verdict.PASS);
        assertThat(identity().verdict()).isEqualTo(Verdict.NOT_MEASURED);
        assertThat(identity().found()).contains("a recovery needs a worker with bucket.encryption.identity");
    }

    @Test
    void whoEncryptsNoLongerAndDecryptsWhatWasIsWellAndToldSo() {
        configure(List.of(), own);

        assertThat(recipients()).satisfies(seen -> {
            assertThat(seen.verdict()).isEqualTo(Verdict.PASS);
            assertThat(seen.found()).isEqualTo("none: new backups are not encrypted");
        });
        assertThat(identity().verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void aPublicKeyThatIsGoneFailsAndTheOtherKeyIsNotJudged() throws IOException {
        configure(List.of(own), own);
        Files.delete(own.publicFile());

        assertThat(recipients()).satisfies(seen -> {
            assertThat(seen.verdict()).isEqualTo(Verdict.FAIL);
            assertThat(seen.found()).contains("own.pub", "no such file");
        });
        assertThat(identity()).satisfies(seen -> {
            assertThat(seen.verdict()).isEqualTo(Verdict.NOT_MEASURED);
            assertThat(seen.found()).isEqualTo("the recipients are not known");
        });
    }

    @Test
    void aPrivateKeyThatOthersMayReadFails() throws IOException {
        configure(List.of(own), own);
        Files.setPosixFilePermissions(own.privateFile(), PosixFilePermissions.fromString("rw-r-----"));

        assertThat(identity()).satisfies(seen -> {
            assertThat(seen.verdict()).isEqualTo(Verdict.FAIL);
            assertThat(seen.found()).contains("permissions are rw-r-----");
            assertThat(seen.todo()).contains("chmod 600");
        });
    }

    private void configure(List<PrivateKey.Pair> recipients, PrivateKey.@Nullable Pair identity) {
        store.encryptWith(TestKeys.of(recipients, identity));
    }

    private Examination recipients() {
        return named("recipients");
    }

    private Examination identity() {
        return named("identity");
    }

    private Examination named(String name) {
        return look().stream()
                .filter(seen -> seen.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<Examination> look() {
        ClusterAccess access = new ClusterAccess(cluster(), store, fence -> {}, Map.of(), "1@here");
        Examinations found = new Examinations("postgres main");
        new EncryptionExamination(access, found).run();
        return found.found();
    }

    private PostgresCluster cluster() {
        return ClusterOfTest.in(folder, Path.of("/bin"));
    }
}
