package dev.lifeboat.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFilesTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void aPairIsTwoFilesThatBelongTogetherAndOnlyTheOwnerReadsThePrivateOne() throws IOException {
        PrivateKey.Pair pair = PrivateKey.generate(folder.resolve("backup"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pair.privateFile())))
                .isEqualTo("rw-------");
        assertThat(PublicKey.read(pair.publicFile())).isEqualTo(pair.publicKey());
        assertThat(resolve(pair.privateFile()).publicKey()).isEqualTo(pair.publicKey());
        assertThat(pair.publicKey().id()).matches("[0-9a-f]{16}");
    }

    @Test
    void aFolderThatIsNotThereIsMadeForItsOwnerOnlyAndOneThatIsThereIsLeftAsItIs() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));

        PrivateKey.generate(folder.resolve("etc/keys/backup"));

        for (String made : new String[] {"etc", "etc/keys"}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(made))))
                    .isEqualTo("rwx------");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void whereTheFolderCannotBeMadeThatIsSaid() throws IOException {
        Path file = Files.writeString(folder.resolve("lifeboat.yaml"), "precious");

        assertThatThrownBy(() -> PrivateKey.generate(file.resolve("backup")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("cannot make the folder " + file);
        assertThat(file).hasContent("precious");
    }

    @Test
    void thePublicKeyIsTheOneThatOtherLibrariesCompute() {
        byte[] alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f92ebc099c2a77b3d4e3f0a1e2a");

        assertThat(KeyText.publicOf(alice))
                .isEqualTo(hex("bc265a9f74c38ba4e60dfbcd6845804c121dd3f93c11a64e1eb751e6b8be140b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {".key", ".pub"})
    void aFileThatIsThereIsNeverOverwritten(String end) throws IOException {
        Path there = Files.writeString(folder.resolve("backup" + end), "precious");

        assertThatThrownBy(() -> PrivateKey.generate(folder.resolve("backup")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("backup" + end + ": it is there already");

        assertThat(there).hasContent("precious");
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwx--x---"})
    void aPrivateKeyThatOthersMayGetAtIsRefused(String permissions) throws IOException {
        Path key = PrivateKey.generate(folder.resolve("backup")).privateFile();
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(permissions));

        assertThatThrownBy(() -> resolve(key))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("permissions are " + permissions)
                .extracting(e -> ((ConfigException) e).hint())
                .asString()
                .contains("chmod 600 " + key);
    }

    @Test
    void theTwoHalvesAreNotTakenForEachOtherAndNoSecretIsRepeated() throws IOException {
        PrivateKey.Pair pair = PrivateKey.generate(folder.resolve("backup"));
        String secret = Files.readString(pair.privateFile()).split(" ")[2].strip();

        assertThatThrownBy(() -> PublicKey.read(pair.privateFile()))
                .hasMessageContaining("it holds a private key")
                .hasMessageNotContaining(secret);
        Files.setPosixFilePermissions(pair.publicFile(), PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(() -> resolve(pair.publicFile())).hasMessageContaining("it holds a public key");
        assertThat(resolve(pair.privateFile()).toString()).doesNotContain(secret);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "lifeboat-public-key 2 AAAA", "lifeboat-public-key 1 AAAA", "lifeboat-public-key 1 §§"})
    void whatIsNoKeyOfThisVersionIsRefused(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("x.pub"), text, java.nio.charset.StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> PublicKey.read(file)).isInstanceOf(ConfigException.class);
    }

    @Test
    void aPointWithWhichEverybodyWouldKnowTheSecretIsRefused() throws IOException {
        Path file = Files.writeString(
                folder.resolve("zero.pub"),
                "lifeboat-public-key 1 " + Base64.getEncoder().encodeToString(new byte[32]));

        assertThatThrownBy(() -> PublicKey.read(file)).hasMessageContaining("no point that keeps a secret");
    }

    private PrivateKey resolve(Path file) {
        return PrivateKey.resolve(new SecretRef("file:" + file, folder), Map.of());
    }

    private static byte[] hex(String text) {
        return java.util.HexFormat.of().parseHex(text);
    }
}
