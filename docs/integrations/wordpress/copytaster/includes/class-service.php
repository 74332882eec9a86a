<?php
/**
 * The HTTP API of copytaster, as far as a CMS needs it. Only the server calls it: the key never reaches a browser.
 *
 * @package Copytaster
 */

namespace Copytaster;

use WP_Error;

defined( 'ABSPATH' ) || exit;

/** Each call gives the decoded answer, or a WP_Error: `copytaster_unreachable` (try again) or `copytaster_refused` (do not). */
final class Service {

	/** Whether a call of this request found nobody.
	 *
	 * @var bool */
	private static $down = false;

	/** The HTTP status of the last answer.
	 *
	 * @var int */
	private static $status = 0;

	/** Whether it is known by now that nobody answers. */
	public static function is_down() {
		return self::$down;
	}

	/** The verdict on an item, of which nothing is stored. */
	public static function check( array $item ) {
		return self::call( 'POST', '/v1/check', $item );
	}

	/** Stores an item that is published here; a changed one becomes a new version of it. */
	public static function admit( array $item ) {
		$answer = self::call( 'POST', '/v1/items', $item );
		if ( self::is_problem( $answer, 409 ) ) {
			return self::supersede( $item );
		}
		$known = ! is_wp_error( $answer ) && 200 === self::$status;
		if ( $known && 'published' !== ( $answer['status'] ?? '' ) ) {
			// It was retracted or held with these words, and comes to the readers now. Under a name of its own the version is judged
			// anew; without one it would be the same again, and be answered as it was.
			return self::supersede( $item + array( 'version' => gmdate( 'Y-m-d\TH:i:s\Z' ) ) );
		}
		return $answer;
	}

	/** Stores a version of an item. Its id stands in the address alone. */
	private static function supersede( array $item ) {
		return self::call( 'PUT', self::path( $item['id'] ), array_diff_key( $item, array( 'id' => '' ) ) );
	}

	/** Says that an item is no longer published, so that copies of it can be found; one that never came there is no error. */
	public static function retract( $id, $reason ) {
		$answer = self::call( 'POST', self::path( $id ) . '/retract', array( 'why' => $reason ) );
		return self::is_problem( $answer, 404 ) ? array() : $answer;
	}

	/** Erases an item with its text; one that is gone already is no error. */
	public static function erase( $id ) {
		$answer = self::call( 'DELETE', self::path( $id ) );
		return self::is_problem( $answer, 404 ) ? array() : $answer;
	}

	/**
	 * Records what an editor decided about an item, against the verdict.
	 *
	 * @param array  $decision What is sent.
	 * @param string $key      Names the decision, so that one that is sent again after a time-out is recorded once.
	 */
	public static function decide( array $decision, $key ) {
		return self::call( 'POST', '/v1/decisions', $decision, $key );
	}

	/** A sentence on how the service is. */
	public static function state() {
		$answer = self::call( 'GET', '/readyz' );
		return is_wp_error( $answer ) ? $answer : __( 'The service answers and is ready.', 'copytaster' );
	}

	/** Whether an answer is a refusal with this status. */
	public static function is_problem( $answer, $status ) {
		return is_wp_error( $answer ) && ( $answer->get_error_data()['status'] ?? 0 ) === $status;
	}

	/** One request. A redirect is not followed, for the key would travel with it. */
	private static function call( $method, $path, $body = null, $key = '' ) {
		$headers = array( 'Accept' => 'application/json' );
		$token   = (string) Settings::get( 'key' );
		if ( '' !== $token ) {
			$headers['Authorization'] = "Bearer $token";
		}
		$options = array(
			'method'      => $method,
			'timeout'     => (int) Settings::get( 'timeout' ),
			'redirection' => 0,
			'user-agent'  => 'copytaster-wordpress/' . VERSION,
		);
		if ( null !== $body ) {
			$headers['Content-Type'] = 'application/json';
			$options['body']         = wp_json_encode( $body );
			if ( '' !== $key ) {
				$headers['Idempotency-Key'] = $key;
			}
		}
		$options['headers'] = $headers;
		return self::read( wp_remote_request( untrailingslashit( (string) Settings::get( 'url' ) ) . $path, $options ) );
	}

	/** The answer, decoded. */
	private static function read( $response ) {
		if ( is_wp_error( $response ) ) {
			self::$down   = true;
			self::$status = 0;
			/* translators: %s: what the network said */
			return new WP_Error( 'copytaster_unreachable', sprintf( __( 'copytaster could not be reached (%s).', 'copytaster' ), $response->get_error_message() ) );
		}
		$status = (int) wp_remote_retrieve_response_code( $response );
		$answer = json_decode( wp_remote_retrieve_body( $response ), true );

		self::$status = $status;
		if ( $status >= 200 && $status < 300 && ( is_array( $answer ) || 204 === $status ) ) {
			return is_array( $answer ) ? $answer : array();
		}
		$passing = $status >= 500 || in_array( $status, array( 200, 408, 425, 429 ), true );
		$detail  = is_array( $answer ) && is_string( $answer['detail'] ?? null ) ? $answer['detail'] : wp_remote_retrieve_response_message( $response );
		/* translators: 1: HTTP status, 2: what the service said */
		$message = sprintf( __( 'copytaster answered %1$d: %2$s', 'copytaster' ), $status, $detail );
		return new WP_Error( $passing ? 'copytaster_unreachable' : 'copytaster_refused', $message, array( 'status' => $status ) );
	}

	/** The path of an item. */
	private static function path( $id ) {
		return '/v1/items/' . rawurlencode( $id );
	}
}
