package dev.lifeboat.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What decrypts backups. Printing it shows the id of its public key, never the key. */
public final class PrivateKey {

    static final String MARK = "lifeboat-private-key";

    private static final Set<PosixFilePermission> OWNER_ONLY = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private final byte[] bytes;
    private final PublicKey publicKey;

    private PrivateKey(byte[] bytes) {
        this.bytes = bytes;
        this.publicKey = PublicKey.of(KeyText.publicOf(bytes));
    }

    /**
     * @param identity {@code file:} or {@code env:}
     * @throws ConfigException when it cannot be read, holds no private key, or lies in a file that others may read; the
     *     message holds no secret
     */
    public static PrivateKey resolve(SecretRef identity, Map<String, String> environment) {
        Path file = identity.file();
        if (file != null) {
            requireOwnersAlone(file);
        }
        return new PrivateKey(KeyText.decode(MARK, identity.resolve(environment), "the secret " + identity));
    }

    /** Two files that belong together, and the key. */
    public record Pair(Path publicFile, Path privateFile, PublicKey publicKey) {}

    /**
     * Makes a new key and writes {@code PREFIX.key}, for its owner only, and {@code PREFIX.pub}. A folder that is not there is
     * made, for its owner only too.
     *
     * @throws ConfigException when one of them is there already, which is left as it is, or cannot be written
     */
    public static Pair generate(Path prefix) {
        Path privateFile = beside(prefix, ".key");
        Path publicFile = beside(prefix, ".pub");
        for (Path each : new Path[] {privateFile, publicFile}) {
            if (Files.exists(each)) {
                throw taken(each);
            }
        }
        makeFolder(Objects.requireNonNull(privateFile.toAbsolutePath().getParent(), "a file lies in a folder"));
        byte[] fresh = new byte[KeyText.BYTES];
        new SecureRandom().nextBytes(fresh);
        PrivateKey key = new PrivateKey(fresh);
        write(privateFile, key.text(), "rw-------");
        try {
            write(publicFile, key.publicKey.text(), "rw-r--r--");
        } catch (ConfigException e) {
            remove(privateFile);
            throw e;
        }
        return new Pair(publicFile, privateFile, key.publicKey);
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public String toString() {
        return "private key of " + publicKey;
    }

    private byte[] text() {
        return (MARK + " 1 " + Base64.getEncoder().encodeToString(bytes) + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static void requireOwnersAlone(Path file) {
        try {
            Set<PosixFilePermission> others = EnumSet.noneOf(PosixFilePermission.class);
            others.addAll(Files.getPosixFilePermissions(file));
            String found = PosixFilePermissions.toString(others);
            others.removeAll(OWNER_ONLY);
            if (!others.isEmpty()) {
                throw new ConfigException(
                        "cannot use the private key %s: its permissions are %s, so others than its owner may get at it"
                                .formatted(file, found),
                        "'chmod 600 %s'; if others could read it, make a new pair with 'lifeboat keys generate' and rewrap"
                                .formatted(file));
            }
        } catch (NoSuchFileException e) {
            throw new ConfigException(
                    "cannot read the private key %s: there is no such file".formatted(file),
                    "bring it there from where it is kept safe, readable by the worker's user only");
        } catch (IOException e) {
            throw new ConfigException(
                    "cannot read the private key %s: %s".formatted(file, e.getMessage()),
                    "check the path, and that the worker's user owns the file");
        }
    }

    private static Path beside(Path prefix, String end) {
        Path name = prefix.getFileName();
        if (name == null || name.toString().isEmpty()) {
            throw new ConfigException(
                    "cannot write keys: '%s' names a folder, not the beginning of file names".formatted(prefix),
                    "for example 'lifeboat keys generate --out keys/backup'");
        }
        return prefix.resolveSibling(name + end);
    }

    private static void makeFolder(Path folder) {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new ConfigException(
                    "cannot make the folder %s: %s".formatted(folder, e),
                    "choose a folder that this user may write to");
        }
    }

    private static void write(Path file, byte[] text, String permissions) {
        Set<OpenOption> fresh =
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
        try (var channel = Files.newByteChannel(file, fresh, mode)) {
            channel.write(java.nio.ByteBuffer.wrap(text));
        } catch (FileAlreadyExistsException e) {
            throw taken(file);
        } catch (IOException e) {
            throw new ConfigException(
                    "cannot write %s: %s".formatted(file, e), "choose a folder that this user may write to");
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new ConfigException(
                    "cannot remove %s, whose other half could not be written: %s".formatted(file, e),
                    "remove it by hand");
        }
    }

    private static ConfigException taken(Path file) {
        return new ConfigException(
                "cannot write %s: it is there already, and whatever was encrypted for it would be lost with it"
                        .formatted(file),
                "choose another --out");
    }
}
