package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import javax.net.SocketFactory;

/**
 * Lets the JDBC driver, which makes it by its name, reach a server that listens on a Unix socket only. Made of the JDK's
 * own channel, so no native library is needed. It knows no time limits: those of statements are the server's.
 */
public final class PrivateSocketFactory extends SocketFactory {

    private final UnixDomainSocketAddress address;

    /** @param path of the socket, as the driver passes {@code socketFactoryArg} on */
    public PrivateSocketFactory(String path) {
        this.address = UnixDomainSocketAddress.of(path);
    }

    /** A connected one; the address that the driver was given has no meaning. */
    @Override
    public Socket createSocket() throws IOException {
        return new ChannelSocket(SocketChannel.open(address));
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return createSocket();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return createSocket();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return createSocket();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
        return createSocket();
    }

    /** As much of a socket as the driver uses. */
    private static final class ChannelSocket extends Socket {

        private final SocketChannel channel;

        ChannelSocket(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public void connect(SocketAddress endpoint, int timeout) {
            // It is connected already.
        }

        @Override
        public InputStream getInputStream() {
            return Channels.newInputStream(channel);
        }

        @Override
        public OutputStream getOutputStream() {
            return Channels.newOutputStream(channel);
        }

        @Override
        public boolean isClosed() {
            return !channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }

        @Override
        public void setTcpNoDelay(boolean on) {
            // Not a TCP connection.
        }

        @Override
        public void setKeepAlive(boolean on) {
            // The peer is on this host.
        }

        @Override
        public void setSoTimeout(int timeout) {
            // A channel that blocks has none.
        }

        @Override
        public int getSoTimeout() {
            return 0;
        }
    }
}
