package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysCommandTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private Desk desk = Desk.NOBODY;

    @BeforeEach
    void sitDown() throws IOException {
        desk = Desk.withoutTemporal(folder);
    }

    @Test
    void aPairNeedsNoConfigurationAndNoTemporal() throws IOException {
        Files.delete(folder.resolve("lifeboat.yaml"));

        Desk.Said said = desk.run("keys", "generate", "--out", "backup");

        assertThat(said.exit()).isZero();
        assertThat(said.out()).contains(folder.resolve("backup.pub").toString(), "bucket.encryption.recipients");
        assertThat(said.out() + said.err())
                .doesNotContain(Files.readString(folder.resolve("backup.key"))
                        .split(" ")[2]
                        .strip());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("backup.key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void aSecondPairOfThatNameIsRefusedAndTheFirstStays() throws IOException {
        desk.run("keys", "generate", "--out", "backup");
        String first = Files.readString(folder.resolve("backup.key"));

        Desk.Said said = desk.run("keys", "generate", "--out", "backup", "-o", "json");

        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.out()).contains("\"BAD_INPUT\"", "it is there already");
        assertThat(said.err()).contains("lifeboat: hint: choose another --out");
        assertThat(folder.resolve("backup.key")).hasContent(first.strip());
    }

    @Test
    void theListSaysWhoBackupsAreForAndWhetherThisHostCouldDecryptThem() throws IOException {
        desk.run("keys", "generate", "--out", "backup");
        configure("recipients: [backup.pub], identity: 'file:backup.key'");
        String id = desk.run("keys", "generate", "--out", "other", "-o", "json")
                .out()
                .replaceAll("(?s).*\"id\" : \"([0-9a-f]{16})\".*", "$1");

        assertThat(desk.run("keys", "list"))
                .satisfies(said -> assertThat(said.exit()).isZero())
                .satisfies(said -> assertThat(said.out()).contains("recipient  ", "identity   ", "backup.key"));

        configure("recipients: [backup.pub, other.pub]");
        assertThat(desk.run("keys", "list").out()).contains(id, "no identity: this host backs up and decrypts nothing");

        configure("recipients: [backup.pub], identity: 'file:other.key'");
        assertThat(desk.run("keys", "list").out()).contains("the identity is none of the recipients");
    }

    @Test
    void whatCannotBeUsedIsNamed() throws IOException {
        desk.run("keys", "generate", "--out", "backup");
        Files.setPosixFilePermissions(folder.resolve("backup.key"), PosixFilePermissions.fromString("rw-r--r--"));
        configure("recipients: [backup.pub, gone.pub], identity: 'file:backup.key'");

        Desk.Said said = desk.run("keys", "list");

        assertThat(said.exit()).isEqualTo(8);
        assertThat(said.out()).contains("gone.pub: there is no such file", "permissions are rw-r--r--");
        assertThat(said.err().lines().filter(line -> line.startsWith("lifeboat: error: ")))
                .hasSize(2);
        assertThat(said.err()).contains("lifeboat: hint: 'chmod 600 ");
    }

    @Test
    void withoutEncryptionItSaysSo() {
        Desk.Said said = desk.run("keys", "list");

        assertThat(said.exit()).isZero();
        assertThat(said.out()).contains("backups are not encrypted");
    }

    @Test
    void aWordIsMissing() {
        Desk.Said said = desk.run("keys");

        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.err()).contains("lifeboat: error: lifeboat keys needs one of generate, list");
    }

    private void configure(String encryption) throws IOException {
        Files.writeString(
                folder.resolve("lifeboat.yaml"),
                Desk.CONFIG.replace("\"s3://backups\"", "\"s3://backups\", encryption: { " + encryption + " }"));
    }
}
