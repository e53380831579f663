package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.TestKeys;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.config.PrivateKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script in the bucket understands what Tink writes, by another library and another hand. */
class DecryptScriptTest {

    private static final String FOLDER = "postgres/daily/main";
    private static final String NAME = "shop_2026-08-22_020000.dump.zst";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @SuppressWarnings("NullAway.Init")
    private PrivateKey.Pair pair;

    @BeforeEach
    void onlyWhereItsLibraryIs() throws Exception {
        String leftOut = "DecryptScriptTest: did not run: there is no python3 with its package cryptography here";
        boolean there = ran(List.of("python3", "-c", "import cryptography")).exit == 0;
        if (!there) {
            System.out.println(leftOut);
        }
        assumeTrue(there, leftOut);
        pair = TestKeys.pair(folder, "backup");
        store.encryptWith(TestKeys.of(List.of(TestKeys.pair(folder, "other"), pair), pair));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16_327, 16_328, 16_329, 32_696, 1_000_000})
    void itDecryptsWhatWasEncrypted(int size) throws Exception {
        byte[] plain = object(size, stored -> stored);

        Ran ran = decrypt(pair);

        assertThat(ran.exit).as(ran.said).isZero();
        assertThat(folder.resolve(NAME)).hasBinaryContent(plain);
    }

    @Test
    void anotherKeyIsToldSo() throws Exception {
        object(100, stored -> stored);

        refused(decrypt(TestKeys.pair(folder, "stranger")), "wrong key: it is for ");
    }

    @Test
    void aRenamedObjectIsToldSo() throws Exception {
        object(100, stored -> stored);
        Files.move(folder.resolve(NAME + ".enc"), folder.resolve("x.enc"));

        Ran ran = decrypt(pair, "x.enc");

        assertThat(ran.exit).isNotZero();
        assertThat(ran.said).contains("swapped: it is " + FOLDER + "/" + NAME + ".enc");
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 500, 4050, 4095})
    void anAlteredHeaderIsToldSo(int at) throws Exception {
        object(100, stored -> flipped(stored, at));

        refused(decrypt(pair), "its header is not as it was written", "its header was altered");
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 4110, 4140, 25_000})
    void anAlteredBodyIsToldSoAndLeavesNothing(int at) throws Exception {
        object(100_000, stored -> flipped(stored, at));

        refused(decrypt(pair), "not those that were encrypted", "header");
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 4096, 4100, 20_480, 60_000})
    void aTruncatedObjectIsToldSo(int length) throws Exception {
        object(100_000, stored -> Arrays.copyOf(stored, length));

        refused(decrypt(pair), "truncated");
    }

    @Test
    void itIsShortEnoughToBeReadAtNight() {
        assertThat(script().lines().count()).isLessThan(120);
    }

    private void refused(Ran ran, String... anyOf) {
        assertThat(ran.exit).as(ran.said).isNotZero();
        assertThat(ran.said).doesNotContain("Traceback");
        assertThat(Arrays.stream(anyOf).anyMatch(ran.said::contains))
                .as(ran.said)
                .isTrue();
        assertThat(folder.resolve(NAME)).doesNotExist();
        assertThat(folder.resolve(NAME + ".part")).doesNotExist();
    }

    private byte[] object(int size, UnaryOperator<byte[]> change) throws IOException {
        byte[] plain = new byte[size];
        new Random(size).nextBytes(plain);
        String key = FOLDER + "/" + NAME + ".enc";
        try (Upload upload = DataObjects.of(store).upload(key)) {
            upload.write(plain);
            upload.complete();
        }
        Files.write(folder.resolve(NAME + ".enc"), change.apply(store.readAll(key)));
        return plain;
    }

    private static byte[] flipped(byte[] bytes, int at) {
        bytes[at] ^= 4;
        return bytes;
    }

    private Ran decrypt(PrivateKey.Pair key, String... files) throws Exception {
        Path script = Files.writeString(folder.resolve("lifeboat-decrypt.py"), script());
        List<String> command = new ArrayList<>(
                List.of("python3", script.toString(), key.privateFile().toString(), FOLDER));
        command.addAll(files.length == 0 ? List.of(NAME + ".enc") : List.of(files));
        return ran(command);
    }

    private static String script() {
        try (InputStream in = Objects.requireNonNull(RestorePage.class.getResourceAsStream("lifeboat-decrypt.py"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private record Ran(int exit, String said) {}

    private Ran ran(List<String> command) throws Exception {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ran(process.waitFor(), said);
        } catch (IOException e) {
            return new Ran(127, String.valueOf(e.getMessage()));
        }
    }
}
